/**
 * The running average of what training changes, over its last part: flatter minima, and one or two tenths of a point for free (Polyak and
 * Juditsky, 1992; Izmailov et al., 2018). Weights and running statistics are averaged alike; optimizer state is not.
 */
import type { Slot } from './program.js';

export interface Averaging {
  /** Share of the steps after which it begins. */
  readonly from: number;
  /** Steps between two updates. */
  readonly every: number;
  /** How much of the average is kept at an update. */
  readonly decay: number;
}

/** Marks the arrays of an average in a checkpoint. */
const suffix = '/average';

export class WeightAverage {
  private readonly names: readonly string[];
  private readonly plan: Averaging;
  private readonly sums = new Map<string, Float32Array>();

  /** `resumed`: the arrays of a checkpoint, those of an average among them. */
  constructor(slots: readonly Slot[], plan: Averaging, resumed: ReadonlyMap<string, Float32Array> | undefined) {
    this.names = slots.filter((s) => s.kind !== 'state').map((s) => s.input);
    this.plan = plan;
    for (const name of this.names) {
      const found = resumed?.get(name + suffix);
      if (found) this.sums.set(name, found.slice());
    }
  }

  /** After step `done` of `total`, counted from 1. */
  after(done: number, total: number, arrays: ReadonlyMap<string, Float32Array>): void {
    const { from, every, decay } = this.plan;
    if (done < from * total || done % every !== 0) return;
    for (const name of this.names) {
      const now = arrays.get(name)!;
      const sum = this.sums.get(name);
      if (!sum) this.sums.set(name, now.slice());
      else for (let i = 0; i < sum.length; i++) sum[i] = decay * sum[i]! + (1 - decay) * now[i]!;
    }
  }

  /** The average where there is one, else the arrays as they are. */
  result(arrays: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
    return new Map([...arrays].map(([name, array]) => [name, this.sums.get(name) ?? array]));
  }

  /** For a checkpoint. */
  entries(): [string, Float32Array][] {
    return [...this.sums].map(([name, array]) => [name + suffix, array.slice()]);
  }
}
