/**
 * A model that is ready: takes named inputs, gives named outputs, computes in float32 on this thread and on some of its own, where it is
 * large enough to gain by it. It has a heap of its own, in which the weights stay; the memory of activations is laid out anew whenever the
 * shapes of the inputs change.
 */
import { PithError } from '../errors.js';
import type { PithFile } from '../format/read.js';
import { densify } from '../format/stored.js';
import { Machine, type MachineOptions } from '../kernels/machine.js';
import type { ValueInfo } from '../model.js';
import { isHalf } from '../operators/halves.js';
import type { Element, Spec } from '../operators/value.js';
import { copied, numbersOf } from './constants.js';
import { type Executable, executableOf } from './executable.js';
import { type Explained, explained } from './explain.js';
import { checkedFeeds, type Fed, type Feeds, likelySpecs } from './feeds.js';
import { type Inferred, infer, multiplyAddsOf } from './infer.js';
import { checkOptions } from './open.js';
import { isRefusal, prepare } from './prepare.js';
import type { PreparedNode } from './prepared-node.js';
import { Weights } from './weights.js';

/** Numbers in row-major order: float32, or whole numbers of the type that `dtype` names. */
export type Output =
  | { readonly dtype: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: Exclude<Element, 'float32'>; readonly dims: readonly number[]; readonly data: Int32Array };

export type Outputs = Readonly<Record<string, Output>>;

export interface RunOptions {
  /** Called after each step, in the order of `explain`: for those who measure. */
  readonly onStep?: (step: number) => void;
}

/** Bytes of the heap. */
export interface ModelMemory {
  /** Weights and other constants, as the kernels read them. */
  readonly weights: number;
  /** Activations and scratch, where memory is used again. */
  readonly arena: number;
  /** The most that activations need at once: no arrangement takes less. */
  readonly peakActivations: number;
}

/** How a model is opened. */
export interface ModelOptions extends MachineOptions {
  readonly reducedPrecision?: boolean;
  /** How many threads compute, this one among them: 1 unless said. Asked where the model is large enough to gain by it. */
  readonly threads?: () => number;
}

/** Multiply-adds of the dense network, from which on threads are started: a millisecond or two. */
const worthThreads = 2 ** 24;

interface State {
  machine: Machine;
  /** How many threads there are to be, and on what, until that is settled. */
  wanted: { readonly threads: () => number; readonly options: MachineOptions } | undefined;
  readonly nodes: readonly PreparedNode[];
  readonly weights: Weights;
  bound: { readonly key: string; readonly executable: Executable } | undefined;
}

export class LoadedModel {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Recipe, seed, source … as the file has them. */
  readonly metadata: ReadonlyMap<string, string>;
  private state: State | undefined;

  private constructor({ model, tensors, metadata }: PithFile, state: State) {
    // an input that the file has a value for is a constant
    this.inputs = model.graph.inputs.filter(({ name }) => !tensors.has(name)).map(asRun);
    this.outputs = model.graph.outputs.map(asRun);
    this.metadata = metadata;
    this.state = state;
  }

  /**
   * Takes over the tensors of the file: weights are let go as they are packed. Throws `unsupported.operators` or `unsupported.node` with
   * the list of all that is not run, `unsupported.opset`, `unsupported.dtype`, `unsupported.wasm`, `input.node`, `limit.memory`.
   */
  static open(file: PithFile, { reducedPrecision = false, threads, ...options }: ModelOptions = {}): LoadedModel {
    const machine = Machine.open(options);
    const wanted = threads && { threads, options };
    const { nodes, constants } = prepare(file, machine);
    const free = file.model.graph.inputs.some(({ dims }) => dims === null || dims.some((d) => typeof d !== 'number'));
    const weights = new Weights(machine, { constants, reducedPrecision, free });
    const model = new LoadedModel(file, { machine, wanted, nodes, weights, bound: undefined });
    model.planAhead();
    return model;
  }

  /** For the shapes that are likely, so that what does not run is refused before anything is fed. */
  private planAhead(): void {
    const specs = likelySpecs(this.inputs);
    const guessed = this.inputs.some(({ dims }) => dims?.some((d) => typeof d !== 'number'));
    if (!specs) return;
    try {
      this.planned(specs);
    } catch (error) {
      // sizes that were guessed may not be those that fit
      if (!guessed || isRefusal(error) || !(error instanceof PithError) || error.kind !== 'input') {
        this.dispose();
        throw error;
      }
    }
  }

  /**
   * One batch. Throws `usage.feed` for names, types or shapes that the model does not have, `input.node` where shapes do not fit further
   * on, `input.index` for indices beyond a table, `limit.memory`, `usage.disposed` after `dispose`. The model can be used after any.
   */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Outputs> {
    checkOptions(options, ['onStep']);
    const { machine } = this.inUse();
    const fed = checkedFeeds(this.inputs, feeds);
    const { steps, inputs, outputs } = this.planned(new Map([...fed].map(([name, { spec }]) => [name, spec])));
    for (const [name, { pointer }] of inputs) write(machine, pointer, fed.get(name)!);
    for (const [i, { call }] of steps.entries()) {
      call();
      options.onStep?.(i);
    }
    return Object.fromEntries(
      outputs.map(({ name, spec, from }) => {
        const data = typeof from === 'number' ? copied(machine, spec, from) : numbersOf(densify(from).data).slice();
        return [name, { dtype: spec.dtype, dims: [...spec.dims], data } as Output];
      }),
    );
  }

  /** The steps of a run at the shapes of the last one, or of those that the file declares. Empty where shapes were never known. */
  explain(): readonly Explained[] {
    const { bound } = this.inUse();
    return bound ? explained(bound.executable) : [];
  }

  get memory(): ModelMemory {
    const { weights, bound } = this.inUse();
    const executable = bound?.executable;
    return { weights: weights.bytes, arena: executable?.arenaBytes ?? 0, peakActivations: executable?.peakBytes ?? 0 };
  }

  /**
   * How many threads would compute a run now. 1 at first: others are on their way, and a run does not wait for them. It stays 1 where the
   * model is small or its shapes are not declared, and where the host shares no memory or gives no threads.
   */
  get threads(): number {
    return this.inUse().machine.threads;
  }

  /** Lets go of the heap and of threads. */
  dispose(): void {
    this.state?.machine.endThreads();
    this.state = undefined;
  }

  private inUse(): State {
    if (!this.state) throw new PithError('usage.disposed', { expected: 'a model in use', got: 'one that was disposed of' });
    return this.state;
  }

  private planned(specs: ReadonlyMap<string, Spec>): Executable {
    const state = this.inUse();
    const key = [...specs.values()].map(({ dims }) => dims.join()).join(';');
    if (state.bound?.key === key) return state.bound.executable;
    const { nodes, weights } = state;
    state.bound = undefined;
    weights.restart();
    try {
      const ends = { inputs: this.inputs.map(({ name }) => name), outputs: this.outputs.map(({ name }) => name) };
      const inferred = infer(nodes, specs, weights, state.machine);
      settleThreads(state, inferred);
      const executable = executableOf(inferred, ends, weights, state.machine);
      state.bound = { key, executable };
      return executable;
    } catch (error) {
      weights.restart();
      throw error;
    }
  }
}

/** Before the first weight is packed: threads share a heap of another kind, which small models need not pay for. */
function settleThreads(state: State, { jobs }: Inferred): void {
  const dense = jobs.reduce((sum, { work }) => sum + multiplyAddsOf(work), 0);
  const count = dense >= worthThreads && state.wanted ? state.wanted.threads() : 1;
  if (count > 1) {
    state.machine = Machine.openShared(count, state.wanted?.options) ?? state.machine;
    state.weights.moveTo(state.machine);
  }
  state.wanted = undefined;
}

/** Floats of 16 bits are fed, and come, as float32. */
const asRun = (info: ValueInfo): ValueInfo => (isHalf(info.dtype) ? { ...info, dtype: 'float32' } : info);

function write(machine: Machine, pointer: number, { data }: Fed): void {
  if (data instanceof Float32Array) machine.floats(pointer, data.length).set(data);
  else machine.ints(pointer, data.length).set(data);
}
