/**
 * Runs training steps one after the other and holds what they change: weights, optimizer state, running statistics. This one uses a single
 * session; `parallel/` has the one that splits the batch over workers. Both give the same kind of answer.
 */
import { PithError } from '../base/errors.js';
import { sizeOf, type Tensor } from '../base/tensor.js';
import type { Engine, Session } from '../engine/engine.js';
import { type Program, type ProgramOptions, type Slot, type StepProgram, trainingProgram } from './program.js';

export interface StepInput {
  /** [batch, …] as the model's input. */
  readonly images: Float32Array;
  /** [batch, …] as the model's output: one-hot labels, or a teacher's distribution. */
  readonly targets: Float32Array;
  readonly rate: number;
  /** Values of the optimizer's scalars at this step. */
  readonly scalars: readonly number[];
  /** What the loss asked for, by name. */
  readonly feeds?: ReadonlyMap<string, Float32Array>;
  /** Which step this is, for messages; otherwise steps are counted from where the stepper began. */
  readonly place?: string;
}

export interface StepResult {
  /** Mean over the batch. */
  readonly loss: number;
  /** [batch, …]; valid until the next step. */
  readonly logits: Float32Array;
}

export interface Stepper {
  step(input: StepInput): Promise<StepResult>;
  /** The present value of every slot by its input name: the live arrays, valid until the next step. */
  arrays(): ReadonlyMap<string, Float32Array>;
  close(): Promise<void>;
}

/** Builds the graphs that a way of stepping needs; `open` starts it. */
export type Stepping = (options: ProgramOptions) => {
  readonly program: Program;
  open(start: ReadonlyMap<string, Float32Array>): Promise<Stepper>;
};

/** Start values of all slots: given ones where there are, zeros for optimizer state otherwise. */
export function startArrays(slots: readonly Slot[], given: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  return new Map(
    slots.map((slot) => {
      const data = given.get(slot.input) ?? (slot.kind === 'state' ? new Float32Array(sizeOf(slot.dims)) : undefined);
      if (!data || data.length !== sizeOf(slot.dims))
        throw new PithError('input.checkpoint', {
          at: { tensor: slot.input },
          expected: `${sizeOf(slot.dims)} values`,
          got: data ? `${data.length}` : 'none',
        });
      return [slot.input, data.slice()];
    }),
  );
}

export const float = (dims: readonly number[], data: Float32Array): Tensor => ({ dtype: 'float32', dims, data });

/** Throws `numeric.loss`: training that has left the numbers is stopped at once. */
export function finiteLoss(loss: number, place: string): number {
  if (!Number.isFinite(loss))
    throw new PithError('numeric.loss', {
      expected: 'a finite loss',
      got: `${loss} at ${place}`,
      fix: 'lower the learning rate, clip the gradient, or check the data for NaN',
    });
  return loss;
}

export interface SingleOptions {
  readonly engine: Engine;
  /** Of the session; 0: the engine's choice. */
  readonly threads: number;
}

/** One session of the whole step. State is kept in two sets of arrays that take turns as input and output, so nothing is copied. */
export const singleSession =
  ({ engine, threads }: SingleOptions): Stepping =>
  (options) => {
    const program: StepProgram = trainingProgram(options);
    const open = async (start: ReadonlyMap<string, Float32Array>): Promise<Stepper> => {
      const arrays = startArrays(program.slots, start);
      return new SingleStepper(await engine.open(program.step, { threads }), program, arrays);
    };
    return { program, open };
  };

class SingleStepper implements Stepper {
  private readonly session: Session;
  private readonly program: Program;
  private current: Map<string, Tensor>;
  private next: Map<string, Tensor>;
  private readonly results: Map<string, Tensor>;
  private steps = 0;

  constructor(session: Session, program: Program, start: ReadonlyMap<string, Float32Array>) {
    this.session = session;
    this.program = program;
    this.current = new Map(program.slots.map((s) => [s.input, float(s.dims, start.get(s.input)!)]));
    this.next = new Map(program.slots.map((s) => [s.input, float(s.dims, new Float32Array(sizeOf(s.dims)))]));
    this.results = new Map([
      [program.loss, float([], new Float32Array(1))],
      [program.logits, float(program.targetDims, new Float32Array(sizeOf(program.targetDims)))],
    ]);
  }

  async step({ images, targets, rate, scalars, feeds: more, place }: StepInput): Promise<StepResult> {
    const { program } = this;
    const feeds = new Map(this.current);
    feeds.set(program.image, float(program.imageDims, images));
    feeds.set(program.target, float(program.targetDims, targets));
    feeds.set(program.rate, float([], Float32Array.of(rate)));
    for (const [i, name] of program.scalars.entries()) feeds.set(name, float([], Float32Array.of(scalars[i]!)));
    for (const { name, dims } of program.feeds) feeds.set(name, float(dims, more!.get(name)!));
    const into = new Map(this.results);
    for (const slot of program.slots) into.set(slot.output, this.next.get(slot.input)!);
    await this.session.run(feeds, into);
    [this.current, this.next] = [this.next, this.current];
    this.steps++;
    return {
      loss: finiteLoss(this.results.get(program.loss)!.data[0] as number, place ?? `step ${this.steps}`),
      logits: this.results.get(program.logits)!.data as Float32Array,
    };
  }

  arrays(): Map<string, Float32Array> {
    return new Map([...this.current].map(([name, t]) => [name, t.data as Float32Array]));
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}
