/** The product of two stacks of matrices that are both activations, as attention has them. */
import type { Machine } from './machine.js';

export interface MatmulShape {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored [k][m]. */
  readonly transposeA?: boolean;
  /** B is stored [n][k]. */
  readonly transposeB?: boolean;
}

export interface BoundMatmul {
  readonly scratchBytes: number;
  /** c [batch][m][n] = a [batch][m][k] · b [batch][k][n]. */
  run(a: number, b: number, c: number, scratch: number): void;
}

export function matmul(machine: Machine, shape: MatmulShape): BoundMatmul {
  const { batch, m, k, n, transposeA = false, transposeB = false } = shape;
  const { flip, matmulScratch } = machine.exports;
  const [aBytes, bBytes] = [4 * m * k, 4 * k * n];
  const part = Math.ceil(matmulScratch(m, k, n) / 64) * 64;
  const own = machine.parts * part;
  return {
    scratchBytes: own + (transposeA ? aBytes : 0) + (transposeB ? bBytes : 0),
    run(a, b, c, scratch) {
      for (let i = 0; i < batch; i++) {
        let [left, right] = [a + i * aBytes, b + i * bBytes];
        if (transposeA) {
          flip(left, k, m, scratch + own);
          left = scratch + own;
        }
        if (transposeB) {
          const to = scratch + own + (transposeA ? aBytes : 0);
          flip(right, n, k, to);
          right = to;
        }
        machine.inParts(m, 6, m * k * n, (kernels, first, count, at) =>
          kernels.matmul(left + 4 * first * k, right, count, k, n, c + 4 * (i * m + first) * n, scratch + at * part),
        );
      }
    },
  };
}
