/**
 * Threads that compute parts of a kernel call beside the one that calls it, all on one shared memory. A part that no thread has begun when
 * the caller is done with its own is computed by the caller: threads that are not there yet, or that the system lets wait, cost nothing.
 */

import type { KernelExports } from './exports.js';
import { type EndThread, startThread } from './thread-host.js';
import { called, callLength, callOffset, failed, idle, slotBytes, type ThreadTask, taken } from './thread-script.js';

/** Calls one kernel for `count` of what is divided, from `first` on; `part` says which scratch is its own. */
export type Part = (kernels: KernelExports, first: number, count: number, part: number) => void;

export interface ThreadsOptions {
  /** Those of the host unless said. */
  readonly start?: (task: ThreadTask, failed: () => void) => EndThread;
  /** Multiply-adds of the smallest part, about a tenth of a nanosecond each: waking a thread and waiting for it takes microseconds. */
  readonly leastPart?: number;
  /** How often the caller looks at a part that another thread has begun, before it gives up: for about a minute unless said. */
  readonly mostTurns?: number;
}

/** What they work on. */
export interface Shared extends Omit<ThreadTask, 'slot'> {
  /** Where `slotBytes` lie for each of them. */
  readonly at: number;
  readonly count: number;
  /** Of the instance of the caller. */
  readonly kernels: KernelExports;
}

interface Helper {
  readonly state: Int32Array;
  /** Writes what is called into the slot. */
  readonly kernels: KernelExports;
}

/** Who forgets to let threads go has them let go. */
const forgotten = new FinalizationRegistry<Threads>((threads) => threads.end());

export class Threads {
  private readonly kernels: KernelExports;
  private readonly leastPart: number;
  private readonly mostTurns: number;
  private readonly helpers: Helper[] = [];
  private readonly ends: EndThread[] = [];
  /** Whether the caller may sleep: that of a page may not. */
  private maySleep = true;

  /** They are on their way when it returns. Where the host gives none there are none. */
  constructor({ module, memory, at, count, kernels }: Shared, options: ThreadsOptions, owner: object) {
    const { start = startThread, leastPart = 100_000, mostTurns = 2 ** 35 } = options;
    this.kernels = kernels;
    this.leastPart = leastPart;
    this.mostTurns = mostTurns;
    forgotten.register(owner, this);
    try {
      for (let slot = at; slot < at + count * slotBytes; slot += slotBytes) {
        const call = new Float64Array(memory.buffer, slot + callOffset, callLength);
        this.helpers.push({ state: new Int32Array(memory.buffer, slot, 1), kernels: recorder(kernels, call) });
        this.ends.push(start({ module, memory, slot }, () => this.end()));
      }
    } catch {
      this.end();
    }
  }

  /** Those that would take a part now. */
  get idle(): readonly Helper[] {
    return this.helpers.filter(({ state }) => Atomics.load(state, 0) === idle);
  }

  /** Divides `count` into runs of whole units. Throws what kernels throw. */
  run(count: number, unit: number, work: number, body: Part): void {
    const units = Math.max(1, Math.floor(count / unit));
    const wanted = Math.min(units, work / this.leastPart) - 1;
    const helpers = wanted < 1 ? [] : this.idle.slice(0, wanted);
    const parts = helpers.length + 1;
    const begin = (part: number): number => (part === parts ? count : Math.floor((units * part) / parts) * unit);
    const compute = (kernels: KernelExports, part: number): void => body(kernels, begin(part), begin(part + 1) - begin(part), part);
    helpers.forEach(({ state, kernels }, i) => {
      compute(kernels, i + 1);
      Atomics.store(state, 0, called);
      Atomics.notify(state, 0);
    });
    try {
      compute(this.kernels, 0);
    } finally {
      helpers.forEach(({ state }, i) => {
        if (!this.isDone(state)) compute(this.kernels, i + 1);
      });
    }
  }

  /** False where the part is left to the caller: nobody has begun it, or whoever did has failed or does not come back. */
  private isDone(state: Int32Array): boolean {
    if (Atomics.compareExchange(state, 0, called, idle) === called) return false;
    for (let turns = 0; Atomics.load(state, 0) === taken; turns += this.pause(state, turns))
      if (turns > this.mostTurns) {
        this.end();
        return false;
      }
    return Atomics.load(state, 0) !== failed;
  }

  /** How many turns it lasted. */
  private pause(state: Int32Array, turns: number): number {
    if (turns > 10_000 && this.maySleep)
      try {
        Atomics.wait(state, 0, taken, 1);
        return 2 ** 19;
      } catch {
        this.maySleep = false;
      }
    return 1;
  }

  /** At once: from now on the caller is alone. */
  end(): void {
    this.helpers.length = 0;
    for (const end of this.ends.splice(0)) end();
  }
}

/** Kernels that are not run: their calls are written down. */
function recorder(kernels: KernelExports, call: Float64Array): KernelExports {
  const write = (name: string, i: number): [string, (...given: number[]) => void] => [name, (...given) => call.set([i, ...given])];
  return Object.fromEntries(Object.keys(kernels).map(write)) as unknown as KernelExports;
}
