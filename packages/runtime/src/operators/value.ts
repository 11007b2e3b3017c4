/** Values of a graph while it is planned: their types, shapes, and what is known of them. */
import type { StoredTensor } from '../format/stored.js';

/** Element types of values. All but float32 are kept as int32; those of int64 must fit. */
export const elements = ['float32', 'int64', 'int32', 'bool', 'uint8', 'int8', 'uint16', 'int16'] as const;
export type Element = (typeof elements)[number];

export interface Spec {
  readonly dtype: Element;
  readonly dims: readonly number[];
  /** It is float32 and holds −1 and 1 only: products with it may count bits. */
  readonly signs?: boolean;
}

/** A value of the graph at known shapes. */
export interface Value extends Spec {
  /** What it holds, where that is known without running. */
  readonly constant?: StoredTensor;
}

export type Inputs = readonly (Value | undefined)[];

/** Bytes of a value in the heap. */
export const bytesOfSpec = ({ dims }: Spec): number => 4 * countOf(dims);
export const countOf = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);
