/**
 * Runs a recipe: step after step as the planner says, a measurement and a checkpoint after each, and inside a step of training a checkpoint
 * every few seconds. Whatever is in the store when it starts is taken up again, so that a run that was killed ends with the same result.
 */
import { checkSignal, PithError } from '../base/errors.js';
import { Random } from '../base/random.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import type { CheckpointArray } from '../train/checkpoint.js';
import type { EpochRecord, FitProgress, FitState } from '../train/fit.js';
import type { Step } from './recipe.js';
import { modelEntry, modelIn, restoreCompression, type SavedCompression, saveCompression } from './saved.js';
import type { Compression, Host, StepContext, StepKind } from './step.js';
import { steps } from './steps/list.js';
import type { Store } from './store.js';
import type { Measured, Planner } from './targets.js';

/** What was measured after a step. */
export interface StepRecord extends Measured {
  readonly index: number;
  readonly from: number;
  readonly step: Step;
  /** Share of the weights that are kept. */
  readonly density: number;
  readonly loss: number;
  readonly epochs: readonly EpochRecord[];
  readonly seconds: number;
}

export interface Measurement {
  readonly bytes: number;
  readonly error: number;
  readonly loss: number;
  readonly density: number;
}

export interface RunProgress {
  readonly step: string;
  readonly index: number;
  readonly round: number;
  /** Of all, where that is known. */
  readonly rounds?: number;
  /** Inside a step of training. */
  readonly fit?: FitProgress;
}

export interface RunOptions {
  readonly start: Compression;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  readonly planner: Planner;
  /** Models that teach; absent: the one that is begun with. */
  readonly teachers?: readonly Model[] | undefined;
  readonly seed: number;
  readonly host: Host;
  readonly store: Store;
  /** Bytes of the coded file and error on the test part. */
  readonly measure: (state: Compression) => Promise<Measurement>;
  /** Bytes of the coded file. */
  readonly bytesOf: (state: Compression) => number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: RunProgress) => void) | undefined;
  readonly onRecord?: ((r: StepRecord) => void) | undefined;
  /** Milliseconds between checkpoints inside a step. */
  readonly checkpointEvery?: number;
}

export interface RunResult {
  readonly state: Compression;
  readonly reference: Measurement;
  readonly records: readonly StepRecord[];
  readonly chosen: number;
  readonly met: boolean;
}

interface SavedStep {
  readonly compression: SavedCompression;
  readonly record: StepRecord;
}

/** The name of a step's checkpoint in the store. */
export const stepName = (index: number): string => `step-${String(index).padStart(3, '0')}`;
const inside = 'inside';

/** Throws what the steps throw; after `interrupted.cancelled` the store holds a checkpoint of the last step of training. */
export async function runRecipe(options: RunOptions): Promise<RunResult> {
  const { start, planner, store, signal, onProgress, onRecord } = options;
  const records: StepRecord[] = [];
  for (let saved = await load(store, 0); saved; saved = await load(store, records.length)) records.push(saved.record);
  const reference = await referenceOf(options);
  for (;;) {
    checkSignal(signal);
    const next = planner(records, reference.error);
    if (next.kind === 'end')
      return { state: await stateAfter(options, next.chosen), reference, records, chosen: next.chosen, met: next.met };
    const index = records.length;
    const before = next.from < 0 ? start : await stateAfter(options, next.from);
    const { kind: _, ...planned } = next;
    const { round, rounds } = planned;
    onProgress?.({ step: next.step.use, index, round, ...(rounds !== undefined && { rounds }) });
    const record = await runStep(options, { ...planned, index, before });
    records.push(record);
    onRecord?.(record);
  }
}

async function load(store: Store, index: number): Promise<SavedStep | undefined> {
  return (await store.load(stepName(index)))?.state as SavedStep | undefined;
}

async function referenceOf({ store, measure, start }: RunOptions): Promise<Measurement> {
  const known = await store.load('reference');
  if (known) return known.state as Measurement;
  const measured = await measure(start);
  await store.save('reference', { arrays: new Map(), state: measured });
  await store.event({ event: 'reference', ...measured });
  return measured;
}

/** What a run was like after a step. Throws `input.checkpoint` where the store does not know it. */
export async function stateAfter({ store, start }: Pick<RunOptions, 'store' | 'start'>, index: number): Promise<Compression> {
  const checkpoint = await store.load(stepName(index));
  if (!checkpoint)
    throw new PithError('input.checkpoint', {
      expected: `the checkpoint of step ${index}`,
      got: 'none',
      fix: 'start the run again in another folder',
    });
  return restoreCompression(start.model, checkpoint.arrays, (checkpoint.state as SavedStep).compression);
}

interface Job {
  readonly index: number;
  readonly from: number;
  readonly round: number;
  readonly rounds?: number;
  readonly aim: number;
  readonly step: Step;
  readonly before: Compression;
}

async function runStep(options: RunOptions, job: Job): Promise<StepRecord> {
  const { host, store, data, preprocess, signal, measure, onProgress, checkpointEvery = 5000 } = options;
  const { index, step, round, rounds } = job;
  const { use, ...settings } = step;
  const resume = await loadInside(store, index, options.start.model);
  await store.event({
    event: 'step',
    index,
    round,
    ...step,
    ...(resume && { resumedAt: { epoch: resume.state.epoch, step: resume.state.step } }),
  });
  const began = host.clock() - 1000 * (resume?.seconds ?? 0);
  let savedAt = host.clock();
  const saveInside = async (state: FitState): Promise<void> => {
    const { arrays, model, ...place } = state;
    if (![...arrays.values()].every((array) => array.every(Number.isFinite))) return; // the next loss says so: the one before is kept
    const all = new Map<string, CheckpointArray>([...arrays, ...(model ? [modelEntry(model)] : [])]);
    await store.save(inside, { arrays: all, state: { index, seconds: (host.clock() - began) / 1000, place } });
    savedAt = host.clock();
  };
  const context: StepContext = {
    reference: options.start.model,
    teachers: options.teachers ?? [options.start.model],
    bytesOf: options.bytesOf,
    host,
    data,
    preprocess,
    seed: Random.of(options.seed, 'step', index).word(),
    random: Random.of(options.seed, 'step', index, use),
    signal,
    resume: resume?.state,
    onProgress: (fit) => onProgress?.({ step: use, index, round, ...(rounds !== undefined && { rounds }), fit }),
    onStep: async (state) => {
      if (signal?.aborted || host.clock() - savedAt >= checkpointEvery) await saveInside(state());
      checkSignal(signal);
    },
  };
  const kind = steps[use] as unknown as StepKind<never>;
  const { after, epochs = [], notes, aim = job.aim } = await kind.run(job.before, settings as never, context);
  const measured = await measure(after);
  const record: StepRecord = {
    index,
    from: job.from,
    round,
    aim,
    use,
    step,
    epochs,
    ...measured,
    seconds: (host.clock() - began) / 1000,
  };
  const { arrays, saved } = saveCompression(after, options.start.model);
  await store.save(stepName(index), { arrays, state: { compression: saved, record } satisfies SavedStep });
  await store.remove(inside);
  await store.event({ event: 'measured', index, round, use, ...measured, seconds: record.seconds, epochs, ...notes });
  return record;
}

async function loadInside(store: Store, index: number, start: Model): Promise<{ state: FitState; seconds: number } | undefined> {
  const found = await store.load(inside);
  const state = found?.state as { index: number; seconds: number; place: Omit<FitState, 'arrays' | 'model'> } | undefined;
  if (!found || state?.index !== index) return undefined;
  const model = modelIn(found.arrays, start);
  const arrays = new Map([...found.arrays].filter((entry): entry is [string, Float32Array] => entry[1] instanceof Float32Array));
  return { state: { arrays, ...(model !== start && { model }), ...state.place }, seconds: state.seconds };
}
