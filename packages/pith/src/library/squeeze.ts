/**
 * `squeeze`: any ONNX model to a much smaller .pith file, without labels and without retraining; decoded again and compared with the
 * original before anybody gets it. Node only. Nothing is printed.
 */
import type { StoredTensor, WrittenPith } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { writeAtomic } from '../base/files.js';
import { sha256 } from '../base/hash.js';
import { bytesOf, type Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { nodeHost } from '../engine/node-host.js';
import { weightBytes } from '../onnx/write.js';
import { buildSqueezeReport, type SqueezeSource, weightsOf, worstCosine } from '../report/squeeze-build.js';
import type { SqueezeReport, SqueezeRound } from '../report/squeeze-report.js';
import { compareModels, type Fidelity, unmeasurable } from '../squeeze/fidelity.js';
import { inventory } from '../squeeze/inventory.js';
import { codable, keepEverything, type Prepared, prepareSqueeze } from '../squeeze/squeeze.js';
import { brokenBelow, constantByDrafts, isBroken, type Measured, meetTargets } from '../squeeze/targets.js';
import { type Coding, codingFor, largeModel } from './coding.js';
import { Garbage } from './garbage.js';
import { inModel, type ModelSource, type OpenedModel, openModel } from './model-source.js';
import { openSamples, type SqueezeData } from './squeeze-data.js';
import { type SqueezeOptions, type SqueezeSettings, squeezeSettings } from './squeeze-options.js';
import { TensorsOnDisk } from './tensors-on-disk.js';
import { versions } from './versions.js';

export interface SqueezeResult {
  /** The whole .pith file. */
  readonly bytes: Uint8Array;
  readonly report: SqueezeReport;
  /** Whether all targets were met. Where not, this is the best result there was. */
  readonly met: boolean;
}

/**
 * Throws `usage.option`, what opening the model and the data throws, `numeric.fidelity` where the outputs of the best file are broken, and
 * `output.*`. A target that is missed is no error: `met` is false then.
 */
export async function squeeze(options: SqueezeOptions): Promise<SqueezeResult> {
  const settings = squeezeSettings(options);
  const host = nodeHost({ threads: settings.threads });
  const began = host.clock();
  settings.onProgress({ phase: 'reading', done: 0, total: 0, round: 0 });
  const opened = await openApart(settings.model);
  try {
    return await squeezeOpened(opened, opened.isLarge ? tidying(settings) : settings, () => (host.clock() - began) / 1000);
  } finally {
    opened.close();
  }
}

/** Garbage is collected wherever there is progress. */
function tidying({ onProgress, ...settings }: SqueezeSettings): SqueezeSettings {
  const garbage = new Garbage();
  const hear: SqueezeSettings['onProgress'] = (progress) => {
    garbage.collect();
    onProgress(progress);
  };
  return { ...settings, onProgress: hear };
}

interface OpenedApart extends OpenedModel {
  readonly isLarge: boolean;
  readonly close: () => void;
}

/** A large model is on the disk from here on. */
async function openApart(source: ModelSource): Promise<OpenedApart> {
  const opened = await openModel(source);
  if (weightBytes(opened.model) < largeModel) return { ...opened, isLarge: false, close: () => undefined };
  const disk = new TensorsOnDisk();
  try {
    return { ...opened, model: disk.model(opened.model), isLarge: true, close: () => disk.drop() };
  } catch (error) {
    disk.drop();
    throw error;
  }
}

async function squeezeOpened(opened: OpenedModel, settings: SqueezeSettings, seconds: () => number): Promise<SqueezeResult> {
  const { signal, threads, output } = settings;
  const coding = codingFor({ denseBytes: weightBytes(opened.model), threads, signal });
  const keep = settings.lossless ? 'lossless was asked for' : (unmeasurable(opened.model) ?? unroundable(opened.model));
  const { file, met, ...found } = await inModel(settings.model, () =>
    keep === undefined ? makeSmall(opened, settings, coding).catch(advise) : keepAll({ ...opened, because: keep }, settings, coding),
  );
  await turn(signal);
  if (output !== undefined) await writeAtomic(output, file.bytes);
  const { effort, seed, command } = settings;
  const report = buildSqueezeReport({
    ...found,
    network: opened.name,
    source: { bytes: opened.bytes, hash: opened.hash },
    file: file.report,
    hash: sha256(file.bytes),
    lossless: keep !== undefined,
    effort,
    seed,
    command,
    targets: settings,
    seconds: seconds(),
    versions: versions(),
  });
  return { bytes: file.bytes, report, met };
}

/** Why there is nothing to be rounded. */
const unroundable = (model: Model): string | undefined =>
  inventory(codable(model)).every(({ rule }) => rule === 'exact') ? 'no tensor of this model may be rounded' : undefined;

/** A model that cannot be run cannot be measured, but every bit of it can be kept. */
function advise(error: unknown): never {
  if (!(error instanceof PithError)) throw error;
  const inputs = 'name inputs that it takes with --calibrate DIR, or keep every bit with --lossless, which runs nothing';
  const fixes = new Map([
    ['input.engine-open', 'keep every bit with --lossless, which runs nothing'],
    ['input.engine-run', inputs],
    ['unsupported.inputs', inputs],
  ]);
  const fix = fixes.get(error.code);
  throw fix === undefined ? error : new PithError(error.code, { ...error.detail, fix }, { cause: error });
}

/** What a way to a file has to give. */
interface Outcome extends Pick<SqueezeSource, 'plan' | 'batchNorms' | 'constant' | 'rounds' | 'fidelity' | 'error'> {
  readonly file: WrittenPith;
  readonly met: boolean;
}

/** Every bit of every tensor: what is decoded is compared with what was given, and nothing has to be measured. */
async function keepAll(
  { model: given, hash, because }: OpenedModel & { readonly because: string },
  settings: SqueezeSettings,
  coding: Coding,
): Promise<Outcome> {
  const model = codable(given);
  settings.onProgress({ phase: 'coding', done: 0, total: 0, round: 0 });
  const file = await coding.write({ model, metadata: wordsOf(settings, hash, null), coder: settings.coder });
  const { initializers } = (await coding.read(file.bytes)).graph;
  for (const [name, tensor] of model.graph.initializers)
    if (Buffer.compare(bytesOf(tensor), bytesOf(initializers.get(name) ?? { ...tensor, data: new Uint8Array(0) })) !== 0)
      throw new PithError('bug.decode', { at: { tensor: name }, expected: 'the bits that were given', got: 'others' });
  const met = settings.maxSize === undefined || file.bytes.length <= settings.maxSize;
  return { file, met, plan: keepEverything(model, because), batchNorms: null, constant: null, rounds: [], fidelity: null };
}

/** A file that was made and measured; the decoded model is not kept, as there may be many. */
interface Attempt extends Measured {
  readonly file: WrittenPith;
  readonly fidelityOf: Fidelity;
  readonly error?: number;
}

async function makeSmall(opened: OpenedModel, settings: SqueezeSettings, coding: Coding): Promise<Outcome> {
  const { effort, seed, threads, signal, onProgress, minFidelity, maxDrop } = settings;
  const { engine } = nodeHost({ threads });
  const data = await openSamples(opened.model, settings);
  onProgress({ phase: 'preparing', done: 0, total: 0, round: 0 });
  const prepared = await prepareSqueeze({
    model: opened.model,
    engine,
    threads,
    effort,
    samples: data.samples,
    seed,
    signal,
    onProgress: (done, total) => onProgress({ phase: 'preparing', done, total, round: 0 }),
  });
  const before = await data.judge?.(opened.model);
  const rounds: SqueezeRound[] = [];
  const probe = async (constant: number): Promise<Attempt> => {
    const attempt = await attemptAt(constant, rounds.length + 1, { opened, settings, data, prepared, coding });
    const drop = before && attempt.error !== undefined ? { drop: 100 * (attempt.error - before.error) } : {};
    const { bytes, fidelity } = attempt;
    rounds.push({ constant, bytes, fidelity: Number.isFinite(fidelity) ? fidelity : null, ...drop });
    onProgress({ phase: 'round', round: rounds.length, ...rounds.at(-1)! });
    return { ...attempt, ...drop };
  };
  const maxBytes = maxBytesOf(settings, prepared);
  const constants =
    maxBytes === undefined || minFidelity !== undefined || maxDrop !== undefined || !prepared.hasDrafts
      ? prepared.constants
      : { ...prepared.constants, usual: await draftedConstant(maxBytes, { opened, settings, data, prepared, coding }) };
  const { best, met } = await meetTargets({
    targets: { maxBytes, minFidelity, maxDrop },
    constants,
    probe,
    signal,
  });
  if (isBroken(best.value)) throw broken(best.value);
  const { file, fidelityOf: fidelity, error: after } = best.value;
  const error = before && after !== undefined ? { before: before.error, after, count: before.count } : undefined;
  const { plan, batchNorms } = prepared;
  return { file, met, plan, batchNorms, constant: best.constant, rounds, fidelity, error };
}

interface Bench {
  readonly opened: OpenedModel;
  readonly settings: SqueezeSettings;
  readonly data: SqueezeData;
  readonly prepared: Prepared;
  readonly coding: Coding;
}

/** The constant at which a draft has the size that is asked for. */
function draftedConstant(maxBytes: number, { opened, settings, prepared, coding }: Bench): Promise<number> {
  const { signal, onProgress } = settings;
  const { model, constants } = prepared;
  const probe = async (constant: number): Promise<number> => {
    const step = (done: number, total: number): void => onProgress({ phase: 'drafting', done, total, round: 0 });
    const stored = await prepared.quantize(constant, { draft: true, signal, onProgress: step });
    const metadata = wordsOf(settings, opened.hash, constant);
    return (await coding.write({ model, stored, metadata, coder: settings.coder })).bytes.length;
  };
  return constantByDrafts({ maxBytes, constants, probe, signal });
}

/** Quantizes and codes. The quantized tensors are let go when the file is there: a large model must not be held in many forms. */
async function fileAt(constant: number, round: number, { opened, settings, prepared, coding }: Bench): Promise<WrittenPith> {
  const { signal, onProgress } = settings;
  const { model } = prepared;
  const step = (done: number, total: number): void => onProgress({ phase: 'quantizing', done, total, round });
  const stored: ReadonlyMap<string, StoredTensor> = await prepared.quantize(constant, { signal, onProgress: step });
  onProgress({ phase: 'coding', done: 0, total: 0, round });
  return coding.write({ model, stored, metadata: wordsOf(settings, opened.hash, constant), coder: settings.coder });
}

/** Quantizes, codes, decodes and measures. */
async function attemptAt(constant: number, round: number, bench: Bench): Promise<Attempt> {
  const { opened, settings, data, coding } = bench;
  const { threads, perLayer, signal, onProgress } = settings;
  const file = await fileAt(constant, round, bench);
  const { fidelityOf, judged } = await coding.borrow(file.bytes, async (decoded) => ({
    fidelityOf: await compareModels({
      engine: nodeHost({ threads }).engine,
      threads,
      a: opened.model,
      b: decoded,
      samples: data.measured,
      perLayer,
      signal,
      onProgress: (done, total) => onProgress({ phase: 'measuring', done, total, round }),
    }),
    judged: await data.judge?.(decoded),
  }));
  return { file, fidelityOf, bytes: file.bytes.length, fidelity: worstCosine(fidelityOf), ...(judged && { error: judged.error }) };
}

function maxBytesOf({ maxSize, bitsPerWeight }: SqueezeSettings, { plan }: Prepared): number | undefined {
  if (bitsPerWeight === undefined) return maxSize;
  return Math.max(1, Math.floor((bitsPerWeight * weightsOf(plan)) / 8));
}

/** What travels with the file: enough to make it again. */
const wordsOf = ({ effort, seed, lossless, metadata }: SqueezeSettings, hash: string, constant: number | null): Map<string, string> =>
  new Map([
    ['recipe', JSON.stringify(lossless ? { squeeze: 'lossless' } : { squeeze: { effort, constant } })],
    ['seed', String(seed)],
    ['source', hash.slice(0, 32)],
    ['pith', versions()['pith'] ?? ''],
    ...metadata,
  ]);

function broken({ fidelityOf }: Attempt): PithError {
  const worst = fidelityOf.outputs.find((output) => output.broken !== undefined);
  return new PithError('numeric.fidelity', {
    at: { tensor: worst?.name ?? '' },
    expected: `outputs of the decoded file within a cosine of ${brokenBelow} of the original's`,
    got: worst?.broken ?? 'others',
    fix: 'keep every bit with --lossless, or calibrate with inputs of the kind that the model was made for: --calibrate DIR',
  });
}
