/**
 * Small dense linear algebra in float64: square matrices in row-major order, of the size of a layer. Fixed order of summation, so that the
 * same numbers give the same bits everywhere. Golub and Van Loan, Matrix Computations, chapters 3 and 4.
 */
import { PithError } from './errors.js';

/** The lower triangular L with L·Lᵀ = a. Throws `numeric.not-positive-definite`: whoever calls damps the diagonal first. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = a[row + j]!;
      for (let k = 0; k < j; k++) sum -= l[row + k]! * l[other + k]!;
      if (j < i) l[row + j] = sum / l[other + j]!;
      else if (sum > 0) l[row + i] = Math.sqrt(sum);
      else
        throw new PithError('numeric.not-positive-definite', {
          expected: 'a positive definite matrix',
          got: `a pivot of ${sum} in row ${i} of ${n}`,
          fix: 'add more to the diagonal',
        });
    }
  }
  return l;
}

/** The inverse of a lower triangular matrix, which is lower triangular too. */
function inverseLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const scale = 1 / l[row + i]!;
    for (let k = 0; k < i; k++) {
      const factor = l[row + k]!;
      if (factor === 0) continue;
      const from = k * n;
      for (let j = 0; j <= k; j++) inverse[row + j]! -= factor * inverse[from + j]!;
    }
    for (let j = 0; j < i; j++) inverse[row + j]! *= scale;
    inverse[row + i] = scale;
  }
  return inverse;
}

/** The inverse M of the lower Cholesky factor of a: M·a·Mᵀ is the identity, MᵀM the inverse of a. Throws `numeric.not-positive-definite`. */
export const inverseFactor = (a: Float64Array, n: number): Float64Array => inverseLower(cholesky(a, n), n);

/** The inverse of a symmetric positive definite matrix. Throws `numeric.not-positive-definite`. */
export function inverse(a: Float64Array, n: number): Float64Array {
  const m = inverseFactor(a, n);
  const out = new Float64Array(n * n);
  // a⁻¹ = MᵀM, summed over the rows of M
  for (let k = 0; k < n; k++)
    for (let i = 0; i <= k; i++) {
      const factor = m[k * n + i]!;
      for (let j = 0; j <= i; j++) out[i * n + j]! += factor * m[k * n + j]!;
    }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j]!;
  return out;
}

/**
 * The upper triangular U with Uᵀ·U = a⁻¹, without forming the inverse: row i of U tells how an error in variable i is best made good by the
 * later ones, −U[i][j] / U[i][i], and 1 / U[i][i]² is what it then costs. Throws `numeric.not-positive-definite`.
 */
export function choleskyOfInverse(a: Float64Array, n: number): Float64Array {
  // With the order of the variables reversed, a = L·Lᵀ reads a = V·Vᵀ, V upper; then a⁻¹ = V⁻ᵀ·V⁻¹ and U = V⁻¹.
  const reversed = (m: Float64Array): Float64Array => m.slice().reverse();
  return reversed(inverseFactor(reversed(a), n));
}

/** x with a·x = b for a symmetric positive definite a; b and x are n × columns. Throws `numeric.not-positive-definite`. */
export function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const l = cholesky(a, n);
  const columns = b.length / n;
  const x = b.slice();
  const subtract = (from: number, to: number, factor: number): void => {
    for (let c = 0; c < columns; c++) x[to * columns + c]! -= factor * x[from * columns + c]!;
  };
  const divide = (row: number): void => {
    for (let c = 0; c < columns; c++) x[row * columns + c]! /= l[row * n + row]!;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(k, i, l[i * n + k]!);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(k, i, l[k * n + i]!);
    divide(i);
  }
  return x;
}

/** The same matrix with `share` of its mean diagonal added to the diagonal; at least `least`, so that a matrix of zeros can be inverted. */
export function damped(a: Float64Array, n: number, share: number, least = 1e-30): Float64Array {
  const out = a.slice();
  const added = Math.max(least, (share * trace(a, n)) / n);
  for (let i = 0; i < n; i++) out[i * n + i]! += added;
  return out;
}

/** The sum of the diagonal. */
export function trace(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i * n + i]!;
  return sum;
}
