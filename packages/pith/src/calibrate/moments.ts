/**
 * Second moments of a layer, from which a change of its weights is priced: with W the change, rows outputs and columns inputs (the bias
 * last), the squared error of the model's output is about Σ over i, j, k, l of output[i][k] · input[j][l] · W[i][j] · W[k][l] / trace.
 */
export interface LayerMoments {
  /** `gradient`: of gradients of the model's output, both sides. `forward`: of the layer's inputs alone, the output side the identity. */
  readonly kind: 'gradient' | 'forward';
  /** Per group, (width + 1)² numbers, symmetric; the last row and column belong to the bias, whose input is 1. Null where too wide. */
  readonly input: readonly Float64Array[] | null;
  /** Per group, the width + 1 numbers of the diagonal. */
  readonly inputDiagonal: readonly Float64Array[];
  /** Per group, (rows per group)² numbers, symmetric; null for the identity. */
  readonly output: readonly Float64Array[] | null;
  /** What input and output moments are both scaled to, the sum of their diagonals over all groups; for `forward` that of the input. */
  readonly trace: number;
}
