/**
 * Rounding without statistics: one step for the whole tensor, in proportion to the root mean square of its weights, and each integer
 * chosen by error and rate together, so that small weights fall to zero where that is cheap. Nothing is made good elsewhere; a million
 * weights take a fraction of a second.
 */
import { dtypes, type MatrixView, narrowed, stepOf, type Tensor, type UniformDType, type UniformStored } from 'pith-runtime';
import { toRef } from '../ops/ref.js';

export interface RoundOptions {
  readonly view: MatrixView;
  /** The step, in root mean squares of the tensor. */
  readonly constant: number;
  /** What a bit may cost, in squared steps of error. */
  readonly lambda?: number;
}

/** Of a tensor of type float32, float64, float16 or bfloat16, all of its numbers finite. */
export function roundTensor(tensor: Tensor, { view, constant, lambda = 0.1 }: RoundOptions): UniformStored {
  const { dtype, dims } = tensor;
  const weights = numbersOf(tensor);
  const step = stepFor(weights, constant, dtypes[dtype].bits);
  const delta = stepOf(step);
  const bits = ratesOf(weights, delta);
  const inverse = 1 / delta;
  const levels = new Int32Array(weights.length);
  forEachEntry(view, (entry, at) => {
    const t = weights[at]! * inverse;
    const level = cheapest(Math.abs(t), bits, lambda);
    levels[entry] = t < 0 ? -level : level;
  });
  return {
    kind: 'uniform',
    dtype: dtype as UniformDType,
    dims,
    view,
    levels: narrowed(levels),
    grid: 'scalar',
    step,
    rowSteps: null,
    columnSteps: null,
  };
}

/** The weights as numbers; those that are held as such are not copied. */
const numbersOf = (tensor: Tensor): Float32Array | Float64Array =>
  tensor.data instanceof Float32Array || tensor.data instanceof Float64Array ? tensor.data : toRef(tensor).data;

/** Levels stay well below their limit of 2^24, and steps in the range of the type. */
const mostLevels = 2 ** 20;

function stepFor(weights: Float32Array | Float64Array, constant: number, bits: number): number {
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    squares += weight * weight;
    if (Math.abs(weight) > largest) largest = Math.abs(weight);
  }
  if (largest === 0) return 0;
  const wanted = constant * Math.sqrt(squares / weights.length);
  // a finer step than the type itself resolves at the largest weight is of no use
  const finest = largest / (bits === 16 ? 2 ** 12 : mostLevels);
  return Math.max(-2048, Math.min(2047, Math.round(16 * Math.log2(Math.max(wanted, finest, 1e-38)))));
}

/** Calls with the index of each entry in the view and in the tensor. */
function forEachEntry({ rows, columns, positions, transposed }: MatrixView, body: (entry: number, at: number) => void): void {
  const width = columns * positions;
  if (!transposed) for (let i = 0; i < rows * width; i++) body(i, i);
  else for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < width; c++, i++) body(i, c * rows + r);
}

const counted = 256;
const looks = 1 << 20;

/** Bits of each magnitude if the weights were rounded to nearest and coded without contexts; its sign included. */
function ratesOf(weights: Float32Array | Float64Array, delta: number): Float64Array {
  const counts = new Float64Array(counted + 1).fill(0.02);
  const stride = Math.ceil(weights.length / looks);
  for (let i = 0; i < weights.length; i += stride) counts[Math.min(counted, Math.round(Math.abs(weights[i]!) / delta))]! += 1;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count, level) => Math.log2(total / count) + (level > 0 ? 1 : 0));
}

/** The magnitude of least error and rate among the two neighbours and zero. */
function cheapest(t: number, bits: Float64Array, lambda: number): number {
  const near = Math.round(t);
  if (near === 0 || near >= counted) return near;
  let best = near;
  let least = (t - near) ** 2 + lambda * bits[near]!;
  for (let level = near - 1; level >= 0; level = level > 0 && near <= 2 ? level - 1 : -1) {
    const cost = (t - level) ** 2 + lambda * bits[level]!;
    if (cost < least) [best, least] = [level, cost];
  }
  return best;
}
