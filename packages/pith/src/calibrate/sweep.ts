/** Running a graph over samples in batches and adding up what comes out, in doubles: memory does not depend on the number of samples. */
import { checkSignal } from '../base/errors.js';
import type { Tensor } from '../base/tensor.js';

export interface Batch {
  readonly start: number;
  readonly count: number;
}

/** All samples in batches of `size`; the rest is a batch of its own. */
export function batchesOf(count: number, size: number): Batch[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ start: i * size, count: Math.min(size, count - i * size) }));
}

/** Batches of one size together: they share a graph. */
export function bySize(batches: readonly Batch[]): [Batch, ...Batch[]][] {
  const groups = new Map<number, [Batch, ...Batch[]]>();
  for (const batch of batches) {
    const group = groups.get(batch.count);
    if (group) group.push(batch);
    else groups.set(batch.count, [batch]);
  }
  return [...groups.values()];
}

export class Sums {
  private readonly sums = new Map<string, Float64Array>();

  add(results: ReadonlyMap<string, Tensor>): void {
    for (const [name, { data }] of results) {
      const values = data as Float32Array;
      const sum = this.sums.get(name) ?? new Float64Array(values.length);
      this.sums.set(name, sum);
      for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
    }
  }

  has(name: string): boolean {
    return this.sums.has(name);
  }

  get(name: string): Float64Array {
    return this.sums.get(name)!;
  }
}

export interface SweepOptions {
  readonly batches: readonly Batch[];
  readonly run: (batch: Batch) => Promise<ReadonlyMap<string, Tensor>>;
  readonly sums: Sums;
  readonly signal: AbortSignal | undefined;
  /** Called after each batch. */
  readonly done: (batch: Batch) => void;
}

/** Throws `interrupted.cancelled`. */
export async function sweep({ batches, run, sums, signal, done }: SweepOptions): Promise<void> {
  for (const batch of batches) {
    checkSignal(signal);
    sums.add(await run(batch));
    done(batch);
  }
}
