/**
 * `compare`: ways to make a network small side by side, each a curve of .pith files, at equal bytes and at equal error, as Figure 6 of Deep
 * Compression (Han, Mao and Dally, 2016). The folder keeps all of it: what was cut off goes on there. Node only. Nothing is printed.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from 'pith-runtime';
import { PithError } from '../../base/errors.js';
import { makeFolder, writeAtomic } from '../../base/files.js';
import { sha256 } from '../../base/hash.js';
import { checkKeys } from '../../base/options.js';
import type { Model } from '../../base/tensor.js';
import type { Dataset } from '../../data/dataset.js';
import { formatPreprocess, type Preprocess, parsePreprocess } from '../../data/preprocess.js';
import { nodeHost } from '../../engine/node-host.js';
import { checkFinite } from '../../onnx/check.js';
import { loadModel, saveModel } from '../../onnx/file.js';
import { renderCompare } from '../../report/compare-html.js';
import type { ComparedCurve, ComparedPoint, CompareReport } from '../../report/compare-report.js';
import { equalBytes, equalError } from '../../report/compare-tables.js';
import { countParameters } from '../../train/parameters.js';
import { RunFolder } from '../../train/run-folder.js';
import { checkTask } from '../check-task.js';
import { checkFits, type DataOptions, openData, preprocessOf } from '../data-source.js';
import { generous } from '../limits.js';
import { inModel, type ModelSource, openModel } from '../model-source.js';
import { versions } from '../versions.js';
import { usualWorkers } from '../workers.js';
import { type BenchParts, benchOf, judge } from './bench.js';
import { type CompareJob, checkCompareJob, parseCompareJob, sameCompareJob } from './job.js';
import { methods } from './list.js';
import type { Bench, Method } from './method.js';
import type { CompareProgress } from './progress.js';

export interface CompareOptions {
  readonly model: ModelSource;
  /** A folder that recognises itself as a data set, or a data set in memory. */
  readonly data: string | Dataset;
  readonly dataOptions?: DataOptions;
  readonly preprocess?: Partial<Preprocess>;
  /** A folder for report, points and checkpoints: a new one, or that of the same comparison. */
  readonly output: string;
  /** Names of methods; all unless said. */
  readonly methods?: readonly string[];
  /** Points of each curve, 2 … 32; 5 unless said. */
  readonly points?: number;
  /** Epochs of retraining in a round, for a short run; absent: by the size of the network. */
  readonly epochs?: number;
  /** Of squeezing, 0 … 9; 2 unless said. */
  readonly effort?: number;
  /** 7 unless said. */
  readonly seed?: number;
  /** 0, the default: one for each core. */
  readonly threads?: number;
  readonly workers?: number;
  /** What the report says was typed. */
  readonly command?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (p: CompareProgress) => void;
  /** Told of the folder as soon as it holds the comparison. */
  readonly onRun?: (folder: string) => void;
}

export interface CompareResult {
  readonly report: CompareReport;
  /** The report as a page. */
  readonly reportFile: string;
}

const keys = {
  ...{ model: 1, data: 1, dataOptions: 1, preprocess: 1, output: 1, methods: 1, points: 1, epochs: 1, effort: 1, seed: 1, threads: 1 },
  ...{ workers: 1, command: 1, signal: 1, onProgress: 1, onRun: 1 },
} as const;

/**
 * Throws `usage.method`, `usage.option`, `usage.run-exists` for a folder that holds anything else, `output.*`, and what opening model and
 * data and training throw. A method that cannot do this model is no error: its curve says why.
 */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  checkKeys('compare', options, keys as Readonly<Record<keyof CompareOptions, 1>>);
  const { output, dataOptions = {}, signal } = options;
  const { points = 5, epochs, effort = 2, seed = 7, threads = 0, command = '' } = options;
  const opened = await openModel(options.model);
  const { model } = opened;
  const { data, path, fingerprint } = await openData(options.data, { ...dataOptions, ...(signal && { signal }) });
  const preprocess = preprocessOf(model, data, options.preprocess);
  const job: CompareJob = {
    ...{ pithRun: 1, kind: 'compare', network: opened.name, sourceHash: opened.hash },
    data: { ...(path !== undefined && { path }), options: { ...dataOptions }, fingerprint },
    preprocess: Object.fromEntries(formatPreprocess(preprocess)),
    methods: [...(options.methods ?? methods.map(({ name }) => name))],
    ...{ points, effort, seed, threads, command },
    ...(epochs !== undefined && { epochs }),
    workers: options.workers ?? usualWorkers(model, data, 'deep-compression'),
    versions: versions(),
  };
  checkCompareJob(job);
  await inModel(options.model, () => {
    checkFits(model, data, preprocess);
    checkFinite(model);
    checkTask(model, data);
  });
  return compareIn(await folderFor(output, job, model), job, model, data, options);
}

export interface ResumeCompareOptions extends Pick<CompareOptions, 'signal' | 'onProgress' | 'onRun'> {
  /** Where the data are now. */
  readonly data?: string | Dataset;
}

/** Goes on with the comparison in a folder; undefined where it holds another kind of run. Throws `input.run`, `input.run-data`, `usage.resume`. */
export async function resumeCompare(path: string, options: ResumeCompareOptions = {}): Promise<CompareResult | undefined> {
  const { folder, run } = await RunFolder.open(path);
  const job = parseCompareJob(run);
  if (!job) return undefined;
  const source = options.data ?? job.data.path;
  if (source === undefined)
    throw new PithError('usage.resume', { at: { file: path }, expected: 'the data, as they were in memory', got: 'none' });
  const { data, fingerprint } = await openData(source, job.data.options as DataOptions);
  if (fingerprint !== job.data.fingerprint)
    throw new PithError('input.run-data', {
      at: { file: job.data.path ?? '' },
      expected: 'the data that the comparison was begun with',
      got: 'others',
      fix: 'restore them, or begin a new one',
    });
  return compareIn(folder, job, await loadModel(folder.file('model.onnx')), data, options);
}

/** Writes the page of a finished comparison again; undefined where the folder holds another kind of run. Throws `input.run`. */
export async function compareReport(path: string): Promise<CompareResult | undefined> {
  const { folder, run } = await RunFolder.open(path);
  if (!parseCompareJob(run)) return undefined;
  const report = (await folder.readJson('report.json')) as CompareReport | undefined;
  if (report?.pithCompare !== 1)
    throw new PithError('input.run', {
      at: { file: path },
      expected: 'a comparison that has finished',
      got: 'one that has not',
      fix: `go on with it: pith resume ${path}`,
    });
  return writePage(folder, report);
}

/** A new folder, or that of this very comparison. */
async function folderFor(path: string, job: CompareJob, model: Model): Promise<RunFolder> {
  const begun = await access(join(path, 'run.json')).then(
    () => true,
    () => false,
  );
  if (begun) {
    const { folder, run } = await RunFolder.open(path);
    const there = parseCompareJob(run);
    if (there && sameCompareJob(there, job)) return folder;
  }
  return RunFolder.create(path, job, (file) => saveModel(file('model.onnx'), model));
}

async function compareIn(
  folder: RunFolder,
  job: CompareJob,
  model: Model,
  data: Dataset,
  { signal, onProgress = () => undefined, onRun }: Pick<CompareOptions, 'signal' | 'onProgress' | 'onRun'>,
): Promise<CompareResult> {
  onRun?.(folder.path);
  const host = nodeHost({ threads: job.threads, workers: job.workers });
  const preprocess = parsePreprocess(new Map(Object.entries(job.preprocess)));
  const parts: BenchParts = { job, model, data, preprocess, host, store: folder, signal, onProgress };
  await makeFolder(folder.file('points'));
  const bench = benchOf(parts);
  const { error, loss } = await judge(parts, model);
  const curves: ComparedCurve[] = [];
  for (const method of methods.filter(({ name }) => job.methods.includes(name))) curves.push(await curveOf(method, bench, folder, parts));
  const original = 4 * countParameters(model);
  const report: CompareReport = {
    ...{ pithCompare: 1, network: job.network, parameters: countParameters(model), original, reference: { error, loss }, curves },
    data: { name: data.name, train: data.train.count, test: data.test.count, classes: data.classes.length },
    equalBytes: equalBytes({ curves, original, reference: error }),
    equalError: equalError({ curves, original, reference: error }),
    ...{ seed: job.seed, points: job.points, epochs: job.epochs ?? null, command: job.command, versions: job.versions },
    sourceHash: job.sourceHash,
  };
  await folder.writeJson('report.json', report);
  return writePage(folder, report);
}

async function writePage(folder: RunFolder, report: CompareReport): Promise<CompareResult> {
  const reportFile = folder.file('report.html');
  await writeAtomic(reportFile, new TextEncoder().encode(renderCompare(report)));
  return { report, reportFile };
}

/** The points of a method, those that the folder has already taken from it. */
async function curveOf(method: Method, bench: Bench, folder: RunFolder, parts: BenchParts): Promise<ComparedCurve> {
  const { name, what } = method;
  const points: ComparedPoint[] = [];
  try {
    const planned = await method.plan(bench);
    for (const [i, { setting, make }] of planned.entries()) {
      parts.onProgress({ doing: name, done: i, total: planned.length });
      const key = `point-${name}-${i + 1}`;
      const known = await folder.load(key);
      const bytes = (known?.arrays.get('file') as Uint8Array | undefined) ?? (await make());
      const judged = (known?.state as { error: number; loss: number } | undefined) ?? (await judge(parts, readModel(bytes, generous)));
      const { error, loss } = judged;
      if (!known) await folder.save(key, { arrays: new Map([['file', bytes]]), state: { error, loss } });
      const file = `points/${name}.${i + 1}.pith`;
      await writeAtomic(folder.file(file), bytes);
      points.push({ setting, bytes: bytes.length, error, loss, fileHash: sha256(bytes), file });
    }
  } catch (error) {
    if (!(error instanceof PithError) || !['unsupported', 'input', 'limit', 'numeric'].includes(error.kind)) throw error;
    return { method: name, what, points: bySize(points), skipped: error.message };
  }
  return { method: name, what, points: bySize(points) };
}

const bySize = (points: readonly ComparedPoint[]): ComparedPoint[] => [...points].sort((a, b) => b.bytes - a.bytes);
