/**
 * Vectors that are added or multiplied once (biases, scales of normalizations): kept nearly as they are, on a grid of one step. What is
 * known of the price of an error sets the step; where nothing is, it is so fine that the vector keeps about 12 bits.
 */
import type { UniformStored } from 'pith-runtime';
import type { Tensor } from '../base/tensor.js';
import { toRef } from '../ops/ref.js';
import { storedOf } from './weights.js';

/** A step is so many octaves below the root mean square, unless its errors have a price. */
const octaves = 11;

/** `step`: the largest that is right, where that is known. Null for a vector that the grid cannot hold: it is stored as it is. */
export function nearStored(tensor: Tensor, step: number | undefined): UniformStored | null {
  const numbers = toRef(tensor).data;
  const power = numbers.reduce((sum, v) => sum + v * v, 0) / Math.max(1, numbers.length);
  if (!(power > 0)) return null;
  const finest = Math.sqrt(power) * 2 ** -octaves;
  const exponent = Math.floor(16 * Math.log2(step === undefined ? finest : Math.max(step, finest)));
  const size = 2 ** (exponent / 16);
  if (numbers.some((v) => Math.abs(v) >= size * 2 ** 23)) return null;
  const levels = Int32Array.from(numbers, (v) => Math.round(v / size));
  const view = { rows: 1, columns: numbers.length, positions: 1, transposed: false };
  return storedOf(tensor, view, 'scalar', { levels, step: exponent, rowSteps: null, columnSteps: null });
}
