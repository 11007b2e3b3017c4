/** The product of two matrices of activations, as attention has them. */

import { pack, zeros } from './gemm';
import { panels } from './linear';
import { edgeBytes, evenRows, innerBlock, tiles } from './tile';

/** Bytes of scratch that `matmul` needs. */
export function matmulScratch(m: i32, k: i32, n: i32): i32 {
  const inner = min(k, innerBlock);
  return edgeBytes + ((evenRows(m) * (inner + 1) + ((n + 7) & ~7) * inner) << 2);
}

/** C [m][n] = A [m][k] · B [k][n], all in rows without gaps. */
export function matmul(a: usize, b: usize, m: i32, k: i32, n: i32, c: usize, scratch: usize): void {
  const even = evenRows(m);
  const rowBias = scratch + edgeBytes;
  const packedA = rowBias + ((<usize>even) << 2);
  const packedB = packedA + ((<usize>(even * min(k, innerBlock))) << 2);
  memory.fill(rowBias, 0, (<usize>even) << 2);
  const ldn = (<usize>n) << 2;
  let i = 0;
  do {
    const inner = min(innerBlock, k - i);
    panels(a + ((<usize>i) << 2), (<usize>k) << 2, m, inner, packedA);
    pack(b + <usize>i * ldn, ldn, inner, n, packedB);
    tiles(packedA, m, inner, packedB, n, c, ldn, i === 0, rowBias, zeros, 0, <f32>-Infinity, <f32>Infinity, scratch);
    i += innerBlock;
  } while (i < k);
}
