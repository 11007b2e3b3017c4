/**
 * How an error in one weight of a layer is made good by the others: second moments turned into feedback. With input moments A and output
 * moments G, the error of a change W is tr(G·W·A·Wᵀ); the triangular factors of both inverses tell, entry by entry in row-major order, what
 * an error costs once all later entries have done their best, and what they then do. With G the identity this is GPTQ (Frantar et al.,
 * 2022), with a diagonal A plain rounding; Optimal Brain Surgeon (Hassibi and Stork, 1993) is where both come from.
 */
import { choleskyOfInverse, damped } from '../base/linalg.js';

/** One side of a layer. */
export interface Feedback {
  readonly size: number;
  /** What a squared error in entry i costs once the later ones have been moved. */
  readonly importance: Float64Array;
  /** Unit upper triangular, row-major: an error e in entry i moves entry j > i by −e · matrix[i][j]. Null: nothing moves. */
  readonly matrix: Float64Array | null;
}

/** Diagonal moments, or their absence: nothing makes good for anything. */
export const withoutFeedback = (diagonal: Float64Array): Feedback => ({ size: diagonal.length, importance: diagonal, matrix: null });

/**
 * `share` of the mean diagonal is added to the diagonal first: entries that no sample moved would otherwise cost nothing.
 * Throws `numeric.not-positive-definite` for what is no matrix of second moments.
 */
export function feedbackOf(moments: Float64Array, size: number, share: number): Feedback {
  const matrix = choleskyOfInverse(damped(moments, size, share), size);
  const importance = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const pivot = matrix[i * size + i]!;
    importance[i] = 1 / (pivot * pivot);
    for (let j = i; j < size; j++) matrix[i * size + j]! /= pivot;
  }
  return { size, importance, matrix };
}

export interface Part {
  /** Size of the whole matrix. */
  readonly whole: number;
  readonly start: number;
  readonly end: number;
  /** Whether the last entry of the whole belongs to it. */
  readonly last: boolean;
}

/** Rows and columns start … end − 1 of a square matrix, and the last ones behind them where asked for. */
export function part(matrix: Float64Array, { whole, start, end, last }: Part): Float64Array {
  const size = end - start + (last ? 1 : 0);
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const from = (i < end - start ? start + i : whole - 1) * whole;
    out.set(matrix.subarray(from + start, from + end), i * size);
    if (last) out[i * size + size - 1] = matrix[from + whole - 1]!;
  }
  return out;
}
