/** Inverses by halves against base/linalg.ts. */
import { expect, test } from 'vitest';
import { inverse } from '../../src/base/linalg.js';
import { Random } from '../../src/base/random.js';
import { Dense, productModel } from '../../src/calibrate/dense.js';
import { withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { worst } from '../support/compare.js';
import { failureOf, dense as tiny } from '../train/tiny.js';

const doubles = { abs: 1e-9, rel: 1e-9, because: 'condition numbers of up to 10⁴ on double precision' };

function covariance(n: number): Float64Array {
  const random = Random.of(11, 'covariance', n);
  const vectors = Array.from({ length: 40 }, () => Float64Array.from({ length: n }, () => random.normal()));
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) out[i * n + j] = vectors.reduce((sum, x) => sum + x[i]! * x[j]!, i === j ? 10 : 0);
  return out;
}

const withDense = <T>(body: (dense: Dense) => Promise<T>): Promise<T> =>
  withSession(onnxruntimeNode, productModel(tiny()), { threads: 1 }, (session) => body(new Dense(session)));

test.each([1, 128, 129, 300, 521])('the inverse of a matrix of side %i is that of base/linalg', async (n) => {
  const a = covariance(n);
  const found = await withDense((dense) => dense.inverse(a, n));
  expect(worst(found, inverse(a, n), doubles)).toBeLessThan(1);
  // The twin that must fail: the inverse of a matrix that is another in one place.
  const other = a.map((v, i) => (i === 0 ? v * 1.001 : v));
  expect(worst(found, inverse(other, n), doubles)).toBeGreaterThan(1);
});

test('a matrix that is not positive definite is refused', async () => {
  const a = covariance(300);
  a[299 * 300 + 299] = -1;
  expect(await failureOf(() => withDense((dense) => dense.inverse(a, 300)))).toMatchObject({ code: 'numeric.not-positive-definite' });
});
