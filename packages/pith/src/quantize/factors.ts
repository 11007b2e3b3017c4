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

/** The leading part of a square matrix: moments without the bias. */
export function leading(matrix: Float64Array, size: number, part: number): Float64Array {
  const out = new Float64Array(part * part);
  for (let i = 0; i < part; i++) out.set(matrix.subarray(i * size, i * size + part), i * part);
  return out;
}
