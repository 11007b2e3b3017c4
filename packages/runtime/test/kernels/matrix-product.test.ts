import { expect, test } from 'vitest';
import { Machine } from '../../src/kernels/machine.js';
import { matmul } from '../../src/kernels/matrix-product.js';
import { noise, sumOf, worst } from './twin.js';

const [batch, m, k, n] = [3, 7, 13, 9];
const machine = Machine.open();

function error(transposeA: boolean, transposeB: boolean, seed: number): number {
  const [a, b] = [noise(batch * m * k, 1), noise(batch * k * n, seed)];
  const right = noise(batch * k * n, 2);
  const expected = Float64Array.from({ length: batch * m * n }, (_, at) => {
    const [s, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const left = a[s * m * k + (transposeA ? i * m + row : row * k + i)]!;
      sum += left * right[s * k * n + (transposeB ? column * k + i : i * n + column)]!;
    }
    return sum;
  });
  const bound = matmul(machine, { batch, m, k, n, transposeA, transposeB });
  const [ap, bp, c] = [machine.put(a), machine.put(b), machine.allocate(4 * batch * m * n)];
  bound.run(ap, bp, c, machine.allocate(bound.scratchBytes));
  return worst({ actual: machine.floats(c, batch * m * n), expected }, sumOf(k));
}

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('stacks of matrices are multiplied, the first stored transposed: %s, the second: %s', (transposeA, transposeB) => {
  expect(error(transposeA, transposeB, 2)).toBeLessThanOrEqual(1);
  expect(error(transposeA, transposeB, 3)).toBeGreaterThan(1);
});
