/**
 * The memory that the calling thread and its workers share, and how they meet in it. Every wait ends within a second to look whether the
 * step was given up, so that no thread waits for one that is gone.
 */
import { sizeOf } from '../../base/tensor.js';
import type { ShardProgram } from './program.js';

export interface SharedMemory {
  /** See `Meeting`. */
  readonly control: SharedArrayBuffer;
  readonly images: SharedArrayBuffer;
  readonly targets: SharedArrayBuffer;
  /** In the order of the program's feeds. */
  readonly feeds: readonly SharedArrayBuffer[];
  readonly logits: SharedArrayBuffer;
  /** The learning rate, then the optimizer's scalars. */
  readonly scalars: SharedArrayBuffer;
  /** One number for each shard. */
  readonly losses: SharedArrayBuffer;
  readonly parameters: SharedArrayBuffer;
  /** One vector for each of the optimizer's states. */
  readonly states: readonly SharedArrayBuffer[];
  /** One vector for each shard. */
  readonly gradients: readonly SharedArrayBuffer[];
  readonly statistics: SharedArrayBuffer;
  /** What each shard made of the statistics. */
  readonly nextStatistics: readonly SharedArrayBuffer[];
  /** Sum of squares of the summed gradient over each shard's slice: float64. */
  readonly squares: SharedArrayBuffer;
}

export function sharedMemory(program: ShardProgram): SharedMemory {
  const { shards, layout, statistics, states, scalars, imageDims, targetDims, feeds } = program;
  const floats = (n: number): SharedArrayBuffer => new SharedArrayBuffer(4 * n);
  const each = (n: number): SharedArrayBuffer[] => Array.from({ length: shards }, () => floats(n));
  return {
    control: new SharedArrayBuffer(4 * words),
    images: floats(sizeOf(imageDims)),
    targets: floats(sizeOf(targetDims)),
    feeds: feeds.map(({ dims }) => floats(sizeOf(dims))),
    logits: floats(sizeOf(targetDims)),
    scalars: floats(1 + scalars.length),
    losses: floats(shards),
    parameters: floats(layout.size),
    states: states.map(() => floats(layout.size)),
    gradients: each(layout.size),
    statistics: floats(statistics.size),
    nextStatistics: each(statistics.size),
    squares: new SharedArrayBuffer(8 * shards),
  };
}

/** Words of the control memory. */
const turn = 0;
const over = 1;
const arrived = 2;
const meetings = 3;
const words = 4;

/** Milliseconds asleep before a look at whether all is over. */
const patience = 1000;

/** Looks before going to sleep: tens of microseconds, about what it takes to be woken. */
const looks = 4000;

/** Thrown inside a worker where the step is given up; never leaves this folder. */
export class GivenUp extends Error {}

/** How the threads wait for each other. */
export class Meeting {
  private readonly control: Int32Array;
  private readonly shards: number;

  constructor(control: SharedArrayBuffer, shards: number) {
    this.control = new Int32Array(control);
    this.shards = shards;
  }

  /** Lets the workers begin a step. */
  begin(): void {
    Atomics.add(this.control, turn, 1);
    Atomics.notify(this.control, turn);
  }

  /** Ends all waits, now and later. */
  giveUp(): void {
    Atomics.store(this.control, over, 1);
    for (const word of [turn, meetings]) {
      Atomics.add(this.control, word, 1);
      Atomics.notify(this.control, word);
    }
  }

  /** In a worker: waits for the step after `seen`, gives its number. Throws `GivenUp`. */
  next(seen: number): number {
    return this.wait(turn, seen);
  }

  /** In a worker: waits until all are here; true for the last one. Throws `GivenUp`. */
  meet(): boolean {
    const seen = Atomics.load(this.control, meetings);
    if (Atomics.add(this.control, arrived, 1) === this.shards - 1) {
      Atomics.store(this.control, arrived, 0);
      Atomics.add(this.control, meetings, 1);
      Atomics.notify(this.control, meetings);
      return true;
    }
    this.wait(meetings, seen);
    return false;
  }

  private wait(word: number, seen: number): number {
    for (let look = 1; ; look++) {
      const now = Atomics.load(this.control, word);
      if (Atomics.load(this.control, over) !== 0) throw new GivenUp();
      if (now !== seen) return now;
      if (look > looks) Atomics.wait(this.control, word, seen, patience);
    }
  }
}
