/** Moments of a table whose rows are looked up: the share of lookups that name each row. */
import type { Tensor } from '../base/tensor.js';
import { type WeightLayer, widthOf } from './layer.js';
import type { LayerMoments } from './moments.js';

export interface Lookup {
  readonly layer: WeightLayer;
  /** The values that hold the numbers of rows; negative ones count from the end. */
  readonly indices: readonly string[];
}

export class LookupCounts {
  private readonly lookups: readonly Lookup[];
  private readonly counts: ReadonlyMap<string, Float64Array>;

  constructor(lookups: readonly Lookup[]) {
    this.lookups = lookups;
    this.counts = new Map(lookups.map(({ layer }) => [layer.weight, new Float64Array(layer.rows)]));
  }

  /** Counts the int64 values that the indices have. */
  add(values: ReadonlyMap<string, Tensor>): void {
    for (const { layer, indices } of this.lookups) {
      const counts = this.counts.get(layer.weight)!;
      for (const name of indices)
        for (const i of values.get(name)!.data as BigInt64Array) counts[i < 0n ? counts.length + Number(i) : Number(i)]! += 1;
    }
  }

  moments(layer: WeightLayer): LayerMoments {
    const counts = this.counts.get(layer.weight)!;
    const total = Math.max(
      1,
      counts.reduce((a, b) => a + b, 0),
    );
    const width = widthOf(layer);
    return {
      kind: 'forward',
      blocks: 1,
      input: null,
      inputDiagonal: [Float64Array.from({ length: width + 1 }, (_, i) => (i < width ? 1 : 0))],
      output: null,
      outputDiagonal: [counts.map((c) => c / total)],
      trace: 1,
    };
  }
}
