/**
 * The training loop: epochs over a source of batches, the learning rate on its schedule, checkpoints that resume to the same result.
 * It knows nothing of files, clocks or screens: those come in as functions.
 */
import { checkSignal, PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Batch } from '../data/batches.js';
import type { Engine } from '../engine/engine.js';
import { parametrizationOf, type WeightState } from '../parametrization/list.js';
import { type Averaging, WeightAverage } from './average.js';
import { type LossName, losses } from './losses/list.js';
import type { Loss } from './losses/loss.js';
import { type OptimizerName, optimizers } from './optimizers/list.js';
import type { Program } from './program.js';
import { rateFactor, type Schedule } from './schedule.js';
import { type Stepping, singleSession } from './stepper.js';

/** Batches of equal size in an order that follows from seed, epoch and step alone, so that training can go on from any step. */
export interface BatchSource {
  readonly batch: number;
  readonly stepsPerEpoch: number;
  /** From a step of an epoch on, until epoch `until`, itself not included. Each batch is valid until the next is asked for. */
  stream(from: { readonly epoch: number; readonly step: number; readonly until: number }): AsyncIterable<Batch> | Iterable<Batch>;
}

/** What a recipe says about training. */
export interface FitPlan {
  readonly epochs: number;
  readonly optimizer: OptimizerName;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly rate: number;
  readonly schedule: Schedule;
  readonly loss: LossName;
  /** Share of the target spread evenly over all classes (Szegedy et al., 2016). */
  readonly labelSmoothing: number;
  readonly weightDecay: number;
  /** 0: no clipping. */
  readonly clipNorm: number;
  readonly averaging?: Averaging | undefined;
}

export interface FitProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  /** Top-1 error on the training batches, as a fraction. */
  readonly error: number;
  readonly rate: number;
}

export interface EpochRecord {
  readonly loss: number;
  readonly error: number;
}

/** Where training stands; with it, `fit` goes on as if it had never stopped. */
export interface FitState {
  /** The model that is trained, where the step has changed it. */
  readonly model?: Model | undefined;
  readonly arrays: ReadonlyMap<string, Float32Array>;
  readonly epoch: number;
  /** Steps of this epoch that are done. */
  readonly step: number;
  readonly lossSum: number;
  readonly wrong: number;
  readonly history: readonly EpochRecord[];
}

export interface FitOptions {
  readonly engine: Engine;
  readonly model: Model;
  readonly source: BatchSource;
  readonly plan: FitPlan;
  /** Parametrized weights; others are dense. */
  readonly states?: ReadonlyMap<string, WeightState>;
  readonly frozen?: ReadonlySet<string>;
  /** Learning rates of trained arrays over that of the others, by name. */
  readonly paces?: ReadonlyMap<string, number> | undefined;
  /** Threads of the one session; 0: the engine's choice. */
  readonly threads?: number;
  /** How steps are run; the default is one session. */
  readonly stepping?: Stepping | undefined;
  readonly resume?: FitState | undefined;
  /** In the place of the plan's loss. */
  readonly loss?: Loss | undefined;
  /** What that loss asks for, before each step; `at` counts steps from the start of all epochs. */
  readonly feed?: ((at: FeedPlace) => ReadonlyMap<string, Float32Array>) | undefined;
  /** Whether to stop at the end of an epoch that is not the last, given the present arrays and how many epochs are done. */
  readonly pause?: ((arrays: ReadonlyMap<string, Float32Array>, done: number) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: FitProgress) => void) | undefined;
  /** Called after every step, and when the signal comes between two, with a way to get the state; whoever wants a checkpoint now calls it. */
  readonly onStep?: ((state: () => FitState) => Promise<void> | void) | undefined;
}

/** Where training stands when a loss is fed. */
export interface FeedPlace {
  readonly at: number;
  readonly total: number;
  readonly batch: Batch;
  /** The live arrays of all slots. */
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

export interface FitResult {
  /** The states given, and dense ones for the other trained parameters, with what training made of them. */
  readonly states: ReadonlyMap<string, WeightState>;
  readonly statistics: ReadonlyMap<string, Float32Array>;
  readonly history: readonly EpochRecord[];
  /** Where to go on, if `pause` said so. */
  readonly paused: FitState | undefined;
}

const statisticsMomentum = 0.9;

/** Throws `numeric.loss`, `interrupted.cancelled`, `unsupported.outputs`, `input.label`, and what `trainingProgram` and opening a stepper throw. */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { engine, model, source, plan, signal } = options;
  const optimizer =
    plan.optimizer === 'sgd' ? optimizers.sgd({ momentum: plan.momentum ?? 0.9, nesterov: plan.nesterov ?? false }) : optimizers.adam();
  const states = new Map(options.states);
  const stepping = options.stepping ?? singleSession({ engine, threads: options.threads ?? 0 });
  const { program, open } = stepping({
    model,
    batch: source.batch,
    loss: options.loss ?? losses[plan.loss],
    optimizer,
    states,
    frozen: options.frozen ?? new Set(),
    weightDecay: plan.weightDecay,
    clipNorm: plan.clipNorm,
    statisticsMomentum,
    paces: options.paces,
  });
  const start = options.resume?.arrays ?? startOf(model, program, states);
  const stepper = await open(start);
  /** The state while no step is under way. */
  let idle: (() => FitState) | undefined;
  try {
    const { stepsPerEpoch, batch } = source;
    const total = plan.epochs * stepsPerEpoch;
    const average = plan.averaging && new WeightAverage(program.slots, plan.averaging, options.resume?.arrays);
    const history = [...(options.resume?.history ?? [])];
    const classes = classesOf(program);
    const targets = new Float32Array(batch * classes);
    let { lossSum, wrong } = options.resume ?? { lossSum: 0, wrong: 0 };
    const from = { epoch: options.resume?.epoch ?? 0, step: options.resume?.step ?? 0, until: plan.epochs };
    let paused: FitState | undefined;
    for await (const made of source.stream(from)) {
      const { epoch, step: before, images, labels } = made;
      checkSignal(signal);
      idle = undefined;
      const at = epoch * stepsPerEpoch + before;
      const step = before + 1;
      const rate = plan.rate * rateFactor(plan.schedule, at, total);
      oneHot(labels, classes, plan.labelSmoothing, targets);
      const feeds = options.feed?.({ at, total, batch: made, arrays: stepper.arrays() });
      const place = `step ${step} of epoch ${epoch + 1}`;
      const scalars = optimizer.scalarsAt(at + 1);
      const { loss, logits } = await stepper.step({ images, targets, rate, scalars, place, ...(feeds && { feeds }) });
      average?.after(at + 1, total, stepper.arrays());
      lossSum += loss;
      wrong += countWrong(logits, labels, classes);
      const record = { loss: lossSum / step, error: wrong / (step * batch) };
      options.onProgress?.({ epoch, epochs: plan.epochs, step, steps: stepsPerEpoch, rate, ...record });
      const last = step === stepsPerEpoch;
      if (last) {
        history.push(record);
        lossSum = 0;
        wrong = 0;
      }
      const stand = { epoch: last ? epoch + 1 : epoch, step: last ? 0 : step, lossSum, wrong, history: [...history] };
      const state = (): FitState => ({ arrays: copies(stepper.arrays(), average?.entries() ?? []), ...stand });
      // before a checkpoint: what is kept is what training goes on with
      if (last && epoch + 1 < plan.epochs && options.pause?.(stepper.arrays(), epoch + 1)) {
        paused = state();
        break;
      }
      await options.onStep?.(state);
      idle = state;
    }
    const arrays = stepper.arrays();
    return { ...collect(model, program, states, copies(average?.result(arrays) ?? arrays, [])), history, paused };
  } catch (error) {
    // Told to stop while waiting for a batch: who keeps checkpoints hears of it as after a step.
    if (signal?.aborted && idle) await options.onStep?.(idle);
    throw error;
  } finally {
    await stepper.close();
  }
}

/** Throws `unsupported.outputs` where the output is not [batch, classes]. */
function classesOf({ targetDims }: Program): number {
  const [, classes] = targetDims;
  if (targetDims.length !== 2 || !classes)
    throw new PithError('unsupported.outputs', {
      expected: 'logits [batch, classes]',
      got: `[${targetDims}]`,
      fix: 'pith trains classifiers of one image',
    });
  return classes;
}

const copies = (arrays: ReadonlyMap<string, Float32Array>, more: readonly [string, Float32Array][]): Map<string, Float32Array> =>
  new Map([...[...arrays].map(([name, array]): [string, Float32Array] => [name, array.slice()]), ...more]);

/** Start values of the trained arrays and statistics from states and model. */
function startOf(model: Model, program: Program, states: ReadonlyMap<string, WeightState>): Map<string, Float32Array> {
  const start = new Map<string, Float32Array>();
  for (const [name, state] of states) for (const t of parametrizationOf(state).trained(name, state)) start.set(t.name, t.data);
  for (const slot of program.slots)
    if (slot.kind !== 'state' && !start.has(slot.input))
      start.set(slot.input, model.graph.initializers.get(slot.input)!.data as Float32Array);
  return start;
}

function collect(
  model: Model,
  program: Program,
  states: ReadonlyMap<string, WeightState>,
  arrays: ReadonlyMap<string, Float32Array>,
): Pick<FitResult, 'states' | 'statistics'> {
  const after = new Map(states); // those of frozen weights stay as they are
  const done = new Set<string>();
  const statistics = new Map<string, Float32Array>();
  for (const slot of program.slots) {
    if (slot.kind === 'statistic') statistics.set(slot.owner, arrays.get(slot.input)!);
    if (slot.kind !== 'trained' || done.has(slot.owner)) continue;
    done.add(slot.owner);
    const state: WeightState = states.get(slot.owner) ?? {
      kind: 'dense',
      dims: slot.dims,
      values: model.graph.initializers.get(slot.owner)!.data as Float32Array,
    };
    const parametrization = parametrizationOf(state);
    after.set(
      slot.owner,
      parametrization.withTrained(
        state,
        parametrization.trained(slot.owner, state).map((t) => arrays.get(t.name)!),
      ),
    );
  }
  return { states: after, statistics };
}

/** The model with the dense form of these states and statistics in the place of its weights. */
export function withWeights(
  model: Model,
  states: ReadonlyMap<string, WeightState>,
  statistics: ReadonlyMap<string, Float32Array> = new Map(),
): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, state] of states)
    initializers.set(name, { dtype: 'float32', dims: state.dims, data: parametrizationOf(state).dense(state) });
  for (const [name, data] of statistics) initializers.set(name, { ...initializers.get(name)!, data });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Throws `input.label` for a label outside the network's classes. */
export function oneHot(labels: ArrayLike<number>, classes: number, smoothing: number, into: Float32Array): void {
  into.fill(smoothing / classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label >= classes)
      throw new PithError('input.label', {
        expected: `labels in 0 … ${classes - 1}, the network's outputs`,
        got: `${label}`,
        fix: 'train a network with as many outputs as there are classes',
      });
    into[i * classes + label] = 1 - smoothing + smoothing / classes;
  }
}

/** How many rows of logits have their largest value elsewhere than at the label. */
export function countWrong(logits: Float32Array, labels: ArrayLike<number>, classes: number): number {
  let wrong = 0;
  for (let i = 0; i < labels.length; i++) if (argmax(logits, i * classes, classes) !== labels[i]) wrong++;
  return wrong;
}

/** Which of `count` values from `at` on is the largest; the first of equal ones. */
export function argmax(values: Float32Array, at: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (values[at + k]! > values[at + best]!) best = k;
  return best;
}
