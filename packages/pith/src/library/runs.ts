/**
 * The long calls of the library: compress, train, resume. With a run folder they survive a crash: the same call, or `resume`, goes on where
 * the folder stands and ends with the same bytes. Node only. Nothing is printed.
 */
import { resolve as absolute } from 'node:path';
import { PithError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import { checkKeys } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { formatPreprocess, type Preprocess } from '../data/preprocess.js';
import { nodeHost } from '../engine/node-host.js';
import { checkFinite } from '../onnx/check.js';
import { loadModel, saveModel } from '../onnx/file.js';
import { writeOnnx } from '../onnx/write.js';
import { checkTarget } from '../recipe/compress.js';
import type { RecipeInput } from '../recipe/recipe.js';
import type { RunProgress } from '../recipe/runner.js';
import type { Store } from '../recipe/store.js';
import { RunFolder } from '../train/run-folder.js';
import { checkTask, checkTrainable } from './check-task.js';
import { type CompressResult, compressJob } from './compress-job.js';
import { checkFits, type DataOptions, openData, preprocessOf } from './data-source.js';
import { checkJob, type Job, parseJob, performTraining, preprocess, trainingOf } from './job.js';
import { inModel, type ModelSource, openModel } from './model-source.js';
import { type PlaceOptions, storeFor } from './run-place.js';
import { checkTeachers, openTeachers, restoreTeachers, type Teacher } from './teachers.js';
import { startingModel, type TrainPlan, trainingStep } from './training.js';
import { versions } from './versions.js';
import { usualWorkers } from './workers.js';

/** What every long call takes. */
export interface RunOptions extends PlaceOptions {
  /** A folder that recognises itself as MNIST's files, an image folder, CIFAR-10, npy pairs or an archive of these; or a data set in memory. */
  readonly data: string | Dataset;
  readonly dataOptions?: DataOptions;
  /** How pixels become numbers; what is left out follows the model's metadata. */
  readonly preprocess?: Partial<Preprocess>;
  /** 7 unless said. */
  readonly seed?: number;
  /** A path to write the result to. */
  readonly output?: string;
  /** Threads of a session; 0, the default: one for each core. */
  readonly threads?: number;
  /**
   * Worker threads that train data-parallel, each with one thread and a share of the batch; 0: one session of `threads`. Absent: one for
   * each core where the network is large enough to gain by it.
   */
  readonly workers?: number;
  /** What the report says was typed. */
  readonly command?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (p: RunProgress) => void;
}

export interface CompressOptions extends RunOptions {
  readonly model: ModelSource;
  /** `deep-compression` unless said. */
  readonly recipe?: string | RecipeInput;
  /** Share of the weights to keep; absent: as the recipe has it. */
  readonly density?: number;
  /** For `rated`: λ, the loss that a bit of the file is worth; absent: by the target. */
  readonly lambda?: number;
  /** For `rated`: hidden units of each layer to begin with, in the order of the graph; absent: by the target. */
  readonly slim?: readonly number[];
  /** For `rated`: changes of the images while it trains: a spec such as `affine:rotate=6,shift=0.8;clean=0.25`, `usual`, `none`; absent: `mild`. */
  readonly augment?: string;
  /**
   * For `rated`: the whole curve of bytes against error, at these λ (rising) or, by `true`, at six usual ones; each point is a file of its
   * own, and targets choose among them.
   */
  readonly frontier?: true | readonly number[];
  /** For `rated`: models of the same inputs and classes whose averaged logits teach; absent: the model itself. */
  readonly teacher?: readonly ModelSource[];
  /** Epochs of retraining in a round of a named recipe; absent: chosen by the size of the network. */
  readonly epochs?: number;
  /** Bytes of the whole file. */
  readonly maxSize?: number;
  /** Largest rise of the top-1 error on the test part, in percentage points. */
  readonly maxDrop?: number;
}

export interface TrainOptions extends RunOptions {
  /** A network of the zoo by name, or a model to train further. */
  readonly model: ModelSource;
  /** Settings of the training step that differ from the network's own. */
  readonly plan?: TrainPlan;
}

export interface TrainResult {
  readonly model: Model;
  /** Top-1 error on the test part before and after, 0 … 1. */
  readonly error: { readonly before: number; readonly after: number };
  readonly loss: number;
  readonly seconds: number;
}

const common = {
  data: 1,
  dataOptions: 1,
  preprocess: 1,
  seed: 1,
  run: 1,
  output: 1,
  threads: 1,
  workers: 1,
  command: 1,
  onRun: 1,
  signal: 1,
  onProgress: 1,
} as const;

/**
 * Compresses a trained model with retraining on the task. Throws `usage.*` for what cannot be asked, `numeric.weight` for weights that are
 * NaN or infinite, `input.teacher` and `numeric.teacher` for models that cannot teach this one, what opening model and data throws, and what training throws.
 */
export async function compress(options: CompressOptions): Promise<CompressResult> {
  checkKeys('compress', options, {
    ...common,
    model: 1,
    recipe: 1,
    density: 1,
    lambda: 1,
    slim: 1,
    augment: 1,
    frontier: 1,
    teacher: 1,
    epochs: 1,
    maxSize: 1,
    maxDrop: 1,
  });
  const { recipe = 'deep-compression', density, lambda, slim, augment, frontier, epochs, maxSize, maxDrop } = options;
  const opened = await openModel(options.model);
  const teachers = options.teacher ? await openTeachers(options.teacher) : [];
  const { job, data } = await makeJob(options, opened.model, {
    kind: 'compress',
    network: opened.name,
    sourceHash: opened.hash,
    recipe: recipe as Job['recipe'],
    knobs: {
      ...(density !== undefined && { density }),
      ...(lambda !== undefined && { lambda }),
      ...(slim !== undefined && { slim: [...slim] }),
      ...(augment !== undefined && { augment }),
      ...(epochs !== undefined && { epochs }),
      ...(frontier !== undefined && { frontier: frontier === true ? frontier : [...frontier] }),
      ...(teachers.length > 0 && { teacher: teachers.map(({ hash }) => hash) }),
    },
    targets: { ...(maxSize !== undefined && { maxSize }), ...(maxDrop !== undefined && { maxDrop: shareOf(maxDrop) }) },
  });
  if (teachers.length > 0)
    await checkTeachers(teachers, {
      engine: nodeHost({ threads: job.threads }).engine,
      data,
      preprocess: preprocess(job),
      outputs: checkTrainable(opened.model),
    });
  const store = await storeFor(options, job, opened.model, teachers);
  return compressJob({ job, model: opened.model, teachers: modelsOf(teachers), data, store, ...callsOf(options) });
}

/** Of percentage points. Throws `usage.target`. */
function shareOf(maxDrop: number): number {
  checkTarget('maxDrop', maxDrop, 0);
  return maxDrop / 100;
}

/** Trains a network of the zoo from fresh weights, or a model further. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  checkKeys('train', options, { ...common, model: 1, plan: 1 });
  const start = await startingModel(options.model);
  const opened = await openData(options.data, { ...options.dataOptions, ...signalOf(options) });
  const { model, network, defaults } = start(opened.data, options.seed ?? 7);
  const step = trainingStep(defaults, options.plan ?? {});
  const { job, data } = await makeJob({ ...options, data: opened.data }, model, {
    kind: 'train',
    network,
    sourceHash: sha256(writeOnnx(model)),
    recipe: { version: 1, name: 'train', steps: [step] },
    knobs: {},
    targets: {},
  });
  const placed = opened.path === undefined ? job : { ...job, data: { ...job.data, path: opened.path } };
  return trainJob(placed, model, data, await storeFor(options, placed, model), options);
}

/** What `resume` gives: the result of whichever job the folder holds. */
export type ResumeResult = { readonly job: Job } & (
  | { readonly kind: 'compress'; readonly result: CompressResult }
  | { readonly kind: 'train'; readonly result: TrainResult }
);

export interface ResumeOptions {
  /** Where the data are now; needed where the run was begun with a data set in memory. */
  readonly data?: string | Dataset;
  readonly signal?: AbortSignal;
  readonly onProgress?: (p: RunProgress) => void;
  /** Told of the run folder once it is known to be one. */
  readonly onRun?: (folder: string) => void;
}

/** Goes on with the run in a folder. Throws `input.run`, `input.run-data` where the data have changed since, `usage.resume`. */
export async function resume(path: string, options: ResumeOptions = {}): Promise<ResumeResult> {
  checkKeys('resume', options, { data: 1, signal: 1, onProgress: 1, onRun: 1 });
  const { folder, run } = await RunFolder.open(path);
  const job = parseJob(run, folder.file('run.json'));
  options.onRun?.(path);
  const source = options.data ?? job.data.path;
  if (source === undefined)
    throw new PithError('usage.resume', {
      at: { file: path },
      expected: 'the data, as the run was begun with data in memory',
      got: 'none',
    });
  const { data, fingerprint } = await openData(source, { ...(job.data.options as DataOptions), ...signalOf(options) });
  if (fingerprint !== job.data.fingerprint)
    throw new PithError('input.run-data', {
      at: { file: job.data.path ?? '' },
      expected: 'the data that the run was begun with',
      got: 'others',
      fix: 'restore them, or begin a new run',
    });
  const model = await loadModel(folder.file('model.onnx'));
  await folder.event({ event: 'resumed' });
  if (job.kind === 'compress') {
    const teachers = modelsOf(await restoreTeachers(job.knobs.teacher ?? [], (name) => folder.file(name)));
    return { job, kind: 'compress', result: await compressJob({ job, model, teachers, data, store: folder, ...callsOf(options) }) };
  }
  return { job, kind: 'train', result: await trainJob(job, model, data, folder, options) };
}

type Calls = Pick<RunOptions, 'signal' | 'onProgress'>;

const callsOf = ({ signal, onProgress }: Calls): Calls => ({ ...(signal && { signal }), ...(onProgress && { onProgress }) });

const modelsOf = (teachers: readonly Teacher[]): readonly Model[] | undefined =>
  teachers.length === 0 ? undefined : teachers.map(({ model }) => model);

const signalOf = ({ signal }: Calls): { signal?: AbortSignal } => (signal ? { signal } : {});

type JobHead = Pick<Job, 'kind' | 'network' | 'sourceHash' | 'recipe' | 'knobs' | 'targets'>;

async function makeJob(
  options: RunOptions & { readonly model: ModelSource },
  model: Model,
  head: JobHead,
): Promise<{ job: Job; data: Dataset }> {
  const { seed = 7, threads = 0, dataOptions = {}, output, command = '' } = options;
  const { data, path, fingerprint } = await openData(options.data, { ...dataOptions, ...signalOf(options) });
  const preprocess = preprocessOf(model, data, options.preprocess);
  const job: Job = {
    pithRun: 1,
    ...head,
    data: { ...(path !== undefined && { path }), options: { ...dataOptions }, fingerprint },
    preprocess: Object.fromEntries(formatPreprocess(preprocess)),
    seed,
    threads,
    workers: options.workers ?? usualWorkers(model, data, head.recipe),
    ...(output !== undefined && { output: absolute(output) }),
    command,
    versions: versions(),
  };
  await inModel(options.model, () => {
    checkFits(model, data, preprocess);
    checkFinite(model);
    checkJob(job, model);
    const training = trainingOf(job);
    if (training) checkTask(model, data, training.frozen);
  });
  return { job, data };
}

async function trainJob(job: Job, start: Model, data: Dataset, store: Store, { signal, onProgress }: Calls): Promise<TrainResult> {
  const host = nodeHost({ threads: job.threads, workers: job.workers });
  const { run, model } = await performTraining({ job, model: start, data, host, store, signal, onProgress });
  if (job.output !== undefined) await saveModel(job.output, model);
  const last = run.records.at(-1)!;
  await store.event({ event: 'finished', error: last.error });
  return { model, error: { before: run.reference.error, after: last.error }, loss: last.loss, seconds: last.seconds };
}
