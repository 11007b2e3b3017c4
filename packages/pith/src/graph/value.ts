/** What is known of a value while a graph is built or read: its type, and its contents where they are constant. */
import type { DType, Tensor } from '../base/tensor.js';

export interface TensorType {
  readonly dtype: DType;
  /** All dimensions are known numbers: pith binds symbolic ones before it reads a graph. */
  readonly dims: readonly number[];
}

/** A type, and the contents where they do not depend on any input (used for shapes, axes, repeats …). */
export interface Known extends TensorType {
  readonly constant?: Tensor;
}

export interface Value extends Known {
  readonly name: string;
}
