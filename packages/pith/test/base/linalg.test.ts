/** Dense linear algebra against its definitions, multiplied out. */
import { describe, expect, test } from 'vitest';
import { cholesky, choleskyOfInverse, damped, inverse, solve, trace } from '../../src/base/linalg.js';
import { Random } from '../../src/base/random.js';
import { worst } from '../support/compare.js';

const doubles = { abs: 1e-9, rel: 1e-9, because: 'condition numbers of up to 10⁴ on double precision' };

/** a·b for n × n; `left` and `right` say which operand is transposed. */
function product(a: Float64Array, b: Float64Array, n: number, { left = false, right = false } = {}): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) out[i * n + j]! += a[left ? k * n + i : i * n + k]! * b[right ? j * n + k : k * n + j]!;
  return out;
}

/** A covariance of 2n random vectors: symmetric, positive definite. */
function covariance(n: number): Float64Array {
  const random = Random.of(11, 'covariance', n);
  const out = new Float64Array(n * n);
  for (let s = 0; s < 2 * n; s++) {
    const x = Float64Array.from({ length: n }, () => random.normal());
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j]! += x[i]! * x[j]!;
  }
  return out;
}

const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

const isTriangular = (a: Float64Array, n: number, side: 'lower' | 'upper'): boolean =>
  a.every((v, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return v === 0 || (side === 'lower' ? j <= i : j >= i);
  });

describe.each([1, 2, 3, 8, 33, 70, 131])('of a covariance of side %i', (n) => {
  const a = covariance(n);

  test('the Cholesky factor is lower triangular and gives the matrix back', () => {
    const l = cholesky(a, n);
    expect(isTriangular(l, n, 'lower')).toBe(true);
    expect(worst(product(l, l, n, { right: true }), a, doubles)).toBeLessThan(1);
  });

  test('the inverse times the matrix is the identity', () => {
    expect(worst(product(inverse(a, n), a, n), identity(n), doubles)).toBeLessThan(1);
  });

  test('the factor of the inverse is upper triangular and gives the inverse', () => {
    const u = choleskyOfInverse(a, n);
    expect(isTriangular(u, n, 'upper')).toBe(true);
    expect(worst(product(u, u, n, { left: true }), inverse(a, n), doubles)).toBeLessThan(1);
  });

  test('a solution times the matrix is the right side', () => {
    const b = covariance(n).map((v, i) => v + i);
    expect(worst(product(a, solve(a, b, n), n), b, doubles)).toBeLessThan(1);
  });
});

test('the comparison can say no: the factor of the matrix is not that of its inverse', () => {
  const a = covariance(8);
  const l = cholesky(a, 8);
  expect(worst(product(l, l, 8, { right: true }), inverse(a, 8), doubles)).toBeGreaterThan(1);
});

test('a matrix that is not positive definite is refused, with the pivot; damping makes it invertible', () => {
  const singular = Float64Array.of(1, 1, 1, 1);
  const refusal = expect.objectContaining({ code: 'numeric.not-positive-definite' });
  for (const f of [cholesky, inverse, choleskyOfInverse]) expect(() => f(singular, 2)).toThrow(refusal);
  expect(() => cholesky(Float64Array.of(Number.NaN), 1)).toThrow(refusal);
  const better = damped(singular, 2, 0.5);
  expect([...better]).toEqual([1.5, 1, 1, 1.5]);
  expect(trace(better, 2)).toBe(3);
  expect(cholesky(better, 2)).toHaveLength(4);
  expect(inverse(damped(new Float64Array(4), 2, 0.5), 2).every(Number.isFinite)).toBe(true);
});
