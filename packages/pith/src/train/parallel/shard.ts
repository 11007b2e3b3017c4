/**
 * What one worker does, whatever thread and engine it runs in: the gradient of its shard of the batch, then, when all shards have theirs,
 * the update of its slice of all parameters. ONNX Runtime takes no shared memory, so each worker has its own copy of what it feeds, and only
 * what another worker made or needs is copied.
 * Sums are taken in the order of the shards: the same bits every time.
 */
import type { ErrorCode, ErrorDetail } from '../../base/errors.js';
import { sizeOf, type Tensor } from '../../base/tensor.js';
import type { Engine, Session } from '../../engine/engine.js';
import { float } from '../stepper.js';
import { type Piece, sliceOf } from './layout.js';
import { GivenUp, Meeting, type SharedMemory } from './memory.js';
import type { ShardProgram } from './program.js';

/** What a worker is started with. */
export interface ShardTask {
  readonly program: ShardProgram;
  readonly memory: SharedMemory;
  readonly shard: number;
}

/** What it says: its sessions are open, all shards have ended the step (said by one of them), it failed. */
export type ShardNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly code?: ErrorCode; readonly detail?: ErrorDetail; readonly message: string };

/** Runs steps until they are given up. Throws the engine's errors. */
export async function runShard(engine: Engine, task: ShardTask, say: (news: ShardNews) => void): Promise<void> {
  const { program, memory, shard } = task;
  const sessions: Session[] = [];
  try {
    for (const model of [program.gradient, program.update]) sessions.push(await engine.open(model, { threads: 1 }));
    const meeting = new Meeting(memory.control, program.shards);
    const gradient = new Gradient(program, memory, shard, sessions[0]!);
    const update = new Update(program, memory, shard, sessions[1]!, gradient);
    say({ kind: 'ready' });
    for (let turn = 0; ; ) {
      turn = meeting.next(turn);
      await gradient.run();
      meeting.meet();
      if (program.clipNorm > 0) {
        update.square();
        meeting.meet();
      }
      await update.run();
      if (meeting.meet()) say({ kind: 'done' });
    }
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  } finally {
    for (const session of sessions) await session.close();
  }
}

const floats = (buffer: SharedArrayBuffer): Float32Array => new Float32Array(buffer);

/** Tensors inside a vector, under the names that `nameOf` gives their pieces. */
const tensors = (vector: Float32Array, pieces: readonly Piece[], nameOf: (name: string) => string): [string, Tensor][] =>
  pieces.map(({ name, dims, at, size }) => [nameOf(name), float(dims, vector.subarray(at, at + size))]);

/** The slices of a vector that the other shards update. */
const others = ({ layout, shards }: ShardProgram, shard: number): ((vector: Float32Array) => Float32Array)[] =>
  layout.groups.flatMap((group) =>
    Array.from({ length: shards }, (_, other) => sliceOf(group, other, shards))
      .filter((_, other) => other !== shard)
      .map(
        ({ at, size }) =>
          (vector: Float32Array) =>
            vector.subarray(at, at + size),
      ),
  );

/** What a worker feeds or fetches, and where it comes from or goes to. */
interface Part {
  readonly own: Tensor;
  readonly shared: Float32Array;
}

/** The gradient of one shard: reads images, targets, feeds of the loss, parameters and statistics from shared memory, writes what it finds to it. */
class Gradient {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  private readonly session: Session;
  private readonly feeds: Map<string, Tensor>;
  private readonly into: Map<string, Tensor>;
  /** From shared to own memory before the run, from own to shared memory after it. */
  private readonly before: (readonly [Float32Array, Float32Array])[];
  private readonly after: (readonly [Float32Array, Float32Array])[];

  constructor(program: ShardProgram, memory: SharedMemory, shard: number, session: Session) {
    const { layout, statistics, shards, outputOf } = program;
    this.session = session;
    this.parameters = floats(memory.parameters).slice();
    this.gradients = new Float32Array(layout.size);
    const [now, next] = [new Float32Array(statistics.size), new Float32Array(statistics.size)];
    /** One shard's part of something that has a row for each image. */
    const part = (buffer: SharedArrayBuffer, dims: readonly number[]): Part => {
      const size = sizeOf(dims) / shards;
      const own = float([dims[0]! / shards, ...dims.slice(1)], new Float32Array(size));
      return { own, shared: floats(buffer).subarray(shard * size, (shard + 1) * size) };
    };
    const images = part(memory.images, program.imageDims);
    const targets = part(memory.targets, program.targetDims);
    const logits = part(memory.logits, program.targetDims);
    const fed = program.feeds.map(({ name, dims, perImage }, i) => {
      const buffer = memory.feeds[i]!;
      const whole = (): Part => ({ own: float(dims, new Float32Array(sizeOf(dims))), shared: floats(buffer) });
      return { name, ...(perImage ? part(buffer, dims) : whole()) };
    });
    const loss = float([], new Float32Array(1));
    this.feeds = new Map([
      [program.image, images.own],
      [program.target, targets.own],
      ...fed.map(({ name, own }) => [name, own] as const),
      ...tensors(this.parameters, layout.pieces, (name) => name),
      ...tensors(now, statistics.pieces, (name) => name),
    ]);
    this.into = new Map([
      [program.loss, loss],
      [program.logits, logits.own],
      ...tensors(this.gradients, layout.pieces, (name) => outputOf.get(name)!),
      ...tensors(next, statistics.pieces, (name) => outputOf.get(name)!),
    ]);
    const dataOf = (tensor: Tensor): Float32Array => tensor.data as Float32Array;
    this.before = [
      [images.shared, dataOf(images.own)],
      [targets.shared, dataOf(targets.own)],
      ...fed.map(({ shared, own }) => [shared, dataOf(own)] as const),
      ...others(program, shard).map((slice) => [slice(floats(memory.parameters)), slice(this.parameters)] as const),
      [floats(memory.statistics), now],
    ];
    this.after = [
      ...others(program, shard).map((slice) => [slice(this.gradients), slice(floats(memory.gradients[shard]!))] as const),
      [next, floats(memory.nextStatistics[shard]!)],
      [dataOf(logits.own), logits.shared],
      [dataOf(loss), floats(memory.losses).subarray(shard, shard + 1)],
    ];
  }

  async run(): Promise<void> {
    for (const [from, to] of this.before) to.set(from);
    await this.session.run(this.feeds, this.into);
    for (const [from, to] of this.after) to.set(from);
  }
}

/** A group's slice: where it is in the vectors, and this worker's own memory for it. */
interface SliceTensors {
  readonly at: number;
  readonly size: number;
  /** By shard; that of this one is the gradient itself. */
  readonly gradients: readonly Float32Array[];
  readonly next: Float32Array;
  state: readonly Float32Array[];
  nextState: readonly Float32Array[];
}

/** The update of one slice; also averages the running statistics, in shard 0. */
class Update {
  private readonly program: ShardProgram;
  private readonly shard: number;
  private readonly session: Session;
  private readonly slices: readonly SliceTensors[];
  private readonly mine: Gradient;
  private readonly parameters: Float32Array;
  private readonly states: readonly Float32Array[];
  private readonly gradients: readonly Float32Array[];
  private readonly scalars: Float32Array;
  private readonly statistics: Float32Array;
  private readonly nextStatistics: readonly Float32Array[];
  private readonly squares: Float64Array;

  constructor(program: ShardProgram, memory: SharedMemory, shard: number, session: Session, mine: Gradient) {
    this.program = program;
    this.shard = shard;
    this.session = session;
    this.mine = mine;
    this.parameters = floats(memory.parameters);
    this.states = memory.states.map(floats);
    this.gradients = memory.gradients.map((buffer, i) => (i === shard ? mine.gradients : floats(buffer)));
    this.scalars = floats(memory.scalars);
    this.statistics = floats(memory.statistics);
    this.nextStatistics = memory.nextStatistics.map(floats);
    this.squares = new Float64Array(memory.squares);
    this.slices = program.layout.groups.map((group): SliceTensors => {
      const { at, size } = sliceOf(group, shard, program.shards);
      return {
        at,
        size,
        gradients: this.gradients.map((vector, i) => (i === shard ? vector.subarray(at, at + size) : new Float32Array(size))),
        next: new Float32Array(size),
        state: this.states.map((vector) => Float32Array.from(vector.subarray(at, at + size))),
        nextState: this.states.map(() => new Float32Array(size)),
      };
    });
  }

  /** Sum of squares of the summed gradient over this slice, for clipping. */
  square(): void {
    let sum = 0;
    for (const { at, size } of this.slices)
      for (let i = at; i < at + size; i++) {
        let g = 0;
        for (const vector of this.gradients) g += vector[i]!;
        sum += g * g;
      }
    this.squares[this.shard] = sum;
  }

  async run(): Promise<void> {
    const { program, shard, slices } = this;
    const feeds = new Map<string, Tensor>([
      [program.rate, float([], Float32Array.of(this.scalars[0]!))],
      ...program.scalars.map((name, i): [string, Tensor] => [name, float([], Float32Array.of(this.scalars[i + 1]!))]),
    ]);
    if (program.factor !== undefined) feeds.set(program.factor, float([], Float32Array.of(this.factor())));
    const into = new Map<string, Tensor>();
    slices.forEach(({ at, size, gradients, next, state, nextState }, g) => {
      const names = program.groups[g]!;
      gradients.forEach((own, i) => {
        if (i !== shard) own.set(this.gradients[i]!.subarray(at, at + size));
        feeds.set(names.gradients[i]!, float([size], own));
      });
      feeds.set(names.param, float([size], this.mine.parameters.subarray(at, at + size)));
      into.set(names.next.param, float([size], next));
      state.forEach((own, k) => {
        feeds.set(names.state[k]!, float([size], own));
        into.set(names.next.state[k]!, float([size], nextState[k]!));
      });
    });
    await this.session.run(feeds, into);
    for (const slice of slices) {
      [slice.state, slice.nextState] = [slice.nextState, slice.state];
      this.parameters.set(slice.next, slice.at);
      this.mine.parameters.set(slice.next, slice.at);
      this.states.forEach((vector, k) => {
        vector.set(slice.state[k]!, slice.at);
      });
    }
    if (shard === 0) this.averageStatistics();
  }

  private factor(): number {
    const norm = Math.sqrt(this.squares.reduce((a, b) => a + b, 0));
    return Math.min(1, this.program.clipNorm / (norm + 1e-12));
  }

  private averageStatistics(): void {
    const { statistics, nextStatistics, program } = this;
    for (let i = 0; i < statistics.length; i++) {
      let sum = 0;
      for (const vector of nextStatistics) sum += vector[i]!;
      statistics[i] = sum / program.shards;
    }
  }
}
