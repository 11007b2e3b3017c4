/** Moments of a weight whose slices are looked up: the share of lookups that name each slice, a diagonal, whatever the values. */
import type { Tensor } from '../base/tensor.js';
import { type WeightLayer, widthOf } from './layer.js';
import type { LayerMoments } from './moments.js';

export interface Lookup {
  readonly layer: WeightLayer;
  /** The values that hold the numbers of slices; negative ones count from the end. */
  readonly indices: readonly string[];
}

export class LookupCounts {
  private readonly lookups: readonly Lookup[];
  private readonly counts: ReadonlyMap<string, Float64Array>;

  constructor(lookups: readonly Lookup[]) {
    this.lookups = lookups;
    this.counts = new Map(lookups.map(({ layer }) => [layer.weight, new Float64Array(slicesOf(layer))]));
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
    const shares = counts.map((c) => c / total);
    const ones = Float64Array.from({ length: widthOf(layer) + 1 }, (_, i) => (i < widthOf(layer) ? 1 : 0));
    const forward = { kind: 'forward', input: null, output: null, trace: 1 } as const;
    return layer.transposed
      ? { ...forward, inputDiagonal: [Float64Array.of(...shares, 0)], outputDiagonal: null }
      : { ...forward, inputDiagonal: [ones], outputDiagonal: [shares] };
  }
}

/** The slices of a table [slices][…] are its columns where the view is the transpose of it, else its rows. */
const slicesOf = (layer: WeightLayer): number => (layer.transposed ? widthOf(layer) : layer.rows);
