/** Walking over the positions of a tensor: what the references of the operators that only move elements are made of. */
import { stridesOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { Ref } from './op.js';

/** Calls `visit` for each position in row-major order, with its index vector (reused between calls) and its flat index. */
export function eachPosition(dims: readonly number[], visit: (at: readonly number[], i: number) => void): void {
  const size = sizeOf(dims);
  const at = new Array<number>(dims.length).fill(0);
  for (let i = 0; i < size; i++) {
    visit(at, i);
    for (let d = dims.length - 1; d >= 0; d--) {
      if (++at[d]! < dims[d]!) break;
      at[d] = 0;
    }
  }
}

/** The flat index of a position. */
export const flat = (at: readonly number[], strides: readonly number[]): number => strides.reduce((sum, s, d) => sum + s * at[d]!, 0);

/** A tensor of shape `dims` whose element at each position is the one of `x` at the position that `from` names. */
export function moved(x: Ref, dims: readonly number[], from: (at: readonly number[]) => readonly number[]): Ref {
  const strides = stridesOf(x.dims);
  const data = new Float64Array(sizeOf(dims));
  eachPosition(dims, (at, i) => {
    data[i] = x.data[flat(from(at), strides)]!;
  });
  return { dtype: x.dtype, dims, data };
}
