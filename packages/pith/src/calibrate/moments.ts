/**
 * Second moments of a layer, from which a change of its weights is priced: with W the change of a group's rows × columns (the bias the last
 * column), the squared error of the model's output is about Σ over groups and over i, j, k, l of
 * output[i][k] · input[j][l] · W[i][j] · W[k][l] / trace. A side that is null is its diagonal, or the identity where that is null too.
 */
export interface LayerMoments {
  /** `gradient`: of gradients of the model's output, both sides. `forward`: of what the weight is multiplied with; the other side is the identity. */
  readonly kind: 'gradient' | 'forward';
  /** 1; or, in a wide layer, which has one group then, how many equal runs its columns are cut into. Moments between runs are left out. */
  readonly blocks: number;
  /**
   * Per group, or per block, (width + 1)² numbers, symmetric; the last row and column belong to the bias, whose input is 1. Null where too
   * wide.
   */
  readonly input: readonly Float64Array[] | null;
  /** Per group, the width + 1 numbers of the diagonal. */
  readonly inputDiagonal: readonly Float64Array[];
  /** Per group, (rows per group)² numbers, symmetric; null where there are too many rows, and for the identity. */
  readonly output: readonly Float64Array[] | null;
  /** Per group, the rows' numbers of the diagonal; null for the identity. */
  readonly outputDiagonal: readonly Float64Array[] | null;
  /**
   * Of the whole layer: the mean square of its gradient for `gradient`. Both sides of a group are scaled to the geometric mean of this and
   * of the group's own, which is this where there is one group. For `forward` 1.
   */
  readonly trace: number;
}
