/**
 * How a node applies a weight. Of a product, the two factors whose product is the weight's gradient: for one sample, Σ over places of
 * (row factor) · (column factor)ᵀ. A place is a position of a convolution or a row of a matrix product. Readings add standard nodes to a
 * graph and look at no numbers.
 */
import type { NodeData, Tensor } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { WeightLayer } from './layer.js';

/** Columns are made of the input; how the result comes of them is not told (recurrent weights, fused attention). */
export interface InputReading {
  readonly kind: 'input';
  /** The value that the weight is applied to. */
  readonly input: string;
  /** [samples, groups, places, width] of that value, whose first axis counts samples, or things within a sample within samples. */
  columns(op: Builder, value: Value, samples: number): Value;
  /** The column of the layer's view that stands at each place of `columns`; null where they are the same. */
  readonly order: Int32Array | null;
}

export interface ProductReading extends Omit<InputReading, 'kind'> {
  readonly kind: 'product';
  readonly result: string;
  /** [samples, groups, rows per group, places] of the result, or of its gradient. */
  rows(op: Builder, value: Value, samples: number): Value;
  /** Whether a bias is one more column, of ones. */
  readonly biased: boolean;
}

/** How often the channels come by in a row of `columns`: once for each element of the kernel where those stand outside, else once. */
export const outerOf = ({ order }: Pick<InputReading, 'order'>, { positions }: WeightLayer): number => (order === null ? 1 : positions);

/** Slices named by numbers: each result is a row of the weight. */
export interface LookupReading {
  readonly kind: 'lookup';
  /** The value that holds the numbers; negative ones count from the end. */
  readonly index: string;
  readonly result: string;
}

export type Reading = ProductReading | InputReading | LookupReading;

/** A node that reads a weight at one of its inputs. */
export interface Read {
  readonly layer: WeightLayer;
  readonly node: NodeData;
  readonly weight: Tensor;
}
