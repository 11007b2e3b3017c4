/** Dense product with a packed left matrix: a convolution 1×1, weights [outputs][channels] times activations [channels][pixels]. */
import { edgeBytes, evenRows, innerBlock, tiles } from './tile';

/** Bytes of packed strips that stay in the second cache. */
const stripsBytes: i32 = 262144;

/** For tiles without biases of columns. */
export const zeros = memory.data(32, 16);

/** Strips that are packed at a time. */
export function stripsOf(k: i32, columns: i32): i32 {
  return min((columns + 7) >> 3, max(1, stripsBytes / (max(1, min(k, innerBlock)) << 5)));
}

/** Bytes of scratch that `gemm` needs. */
export function gemmScratch(k: i32, columns: i32): i32 {
  return edgeBytes + ((stripsOf(k, columns) * min(k, innerBlock)) << 5);
}

/** Row after row into strips; what is missing of the last strip is zero. */
export function pack(x: usize, ldx: usize, k: i32, columns: i32, to: usize): void {
  const stripBytes = (<usize>k) << 5;
  const whole = columns >> 3;
  const left = columns & 7;
  for (let i = 0; i < k; i++, x += ldx, to += 32) {
    let out = to;
    let at = x;
    for (let s = 0; s < whole; s++, out += stripBytes, at += 32) {
      v128.store(out, v128.load(at));
      v128.store(out, v128.load(at, 16), 16);
    }
    if (left) {
      v128.store(out, f32x4.splat(0));
      v128.store(out, f32x4.splat(0), 16);
      for (let j = 0; j < left; j++) store<f32>(out + ((<usize>j) << 2), load<f32>(at + ((<usize>j) << 2)));
    }
  }
}

/**
 * Y [rows][columns] = clamp(A·X + bias of each row); X is [k][columns]. A is packed as `tiles` reads it, block of inner indices after
 * block; `bias` has evenRows(rows) numbers; rows of X and Y are ldx and ldy bytes apart.
 */
export function gemm(
  a: usize,
  rows: i32,
  k: i32,
  x: usize,
  ldx: usize,
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
    let i = 0;
    do {
      const inner = min(innerBlock, k - i);
      const last = i + inner === k;
      pack(x + at + <usize>i * ldx, ldx, inner, across, packed);
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
      i += innerBlock;
    } while (i < k);
  }
}
