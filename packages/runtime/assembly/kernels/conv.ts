/**
 * Dense convolution as an implicit product: the matrix of patches is never whole, its strips are packed from the spread planes as the tiles
 * of the product need them. After Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014.
 */

import { stripsOf, zeros } from './gemm';
import { edgeBytes, evenRows, innerBlock, tiles } from './tile';

/** Half strip after half strip: four pixels lie side by side, or cross a row. */
function packPatches(x: usize, taps: usize, k: i32, pixels: usize, columns: i32, to: usize): void {
  const strips = (columns + 7) >> 3;
  for (let s = 0; s < strips; s++)
    for (let half = 0; half < 2; half++, pixels += 16) {
      let out = to + ((<usize>(s * k)) << 5) + ((<usize>half) << 4);
      const p0 = x + <usize>load<u32>(pixels);
      const p3 = x + <usize>load<u32>(pixels, 12);
      if (p3 - p0 === 12) {
        for (let i = 0; i < k; i++, out += 32) v128.store(out, v128.load(p0 + <usize>load<u32>(taps + ((<usize>i) << 2))));
        continue;
      }
      const p1 = x + <usize>load<u32>(pixels, 4);
      const p2 = x + <usize>load<u32>(pixels, 8);
      for (let i = 0; i < k; i++, out += 32) {
        const tap = <usize>load<u32>(taps + ((<usize>i) << 2));
        let v = v128.load32_zero(p0 + tap);
        v = v128.load32_lane(p1 + tap, v, 1);
        v = v128.load32_lane(p2 + tap, v, 2);
        v128.store(out, v128.load32_lane(p3 + tap, v, 3));
      }
    }
}

/**
 * Y [rows][columns] = clamp(A·patches + bias of each row). Element (i, p) of the patches is what lies taps[i] + pixels[p] bytes behind x;
 * `pixels` has whole strips of 8. All else is as in `gemm`.
 */
export function conv(
  a: usize,
  rows: i32,
  k: i32,
  x: usize,
  taps: usize,
  pixels: usize,
  columns: i32,
  y: usize,
  ldy: usize,
  bias: usize,
  low: f32,
  high: f32,
  scratch: usize,
): void {
  const width = stripsOf(k, columns) << 3;
  const packed = scratch + edgeBytes;
  for (let p = 0; p < columns; p += width) {
    const across = min(width, columns - p);
    const at = (<usize>p) << 2;
    let block = a;
    for (let i = 0; i < k; i += innerBlock) {
      const inner = min(innerBlock, k - i);
      const last = i + inner === k;
      packPatches(x, taps + ((<usize>i) << 2), inner, pixels + at, across, packed);
      tiles(
        block,
        rows,
        inner,
        packed,
        across,
        y + at,
        ldy,
        i === 0,
        bias,
        zeros,
        0,
        last ? low : <f32>-Infinity,
        last ? high : <f32>Infinity,
        scratch,
      );
      block += (<usize>(evenRows(rows) * inner)) << 2;
    }
  }
}
