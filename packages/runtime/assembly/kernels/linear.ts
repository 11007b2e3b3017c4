/** y = x Wᵀ with packed constant weights: rows of x go into panels, the weights lie in strips of eight outputs, block of inputs after block. */

import { madd } from './madd';
import { edgeBytes, evenRows, innerBlock, tiles } from './tile';

/** Bytes of strips that all panels meet before the next ones come. */
const stripsBytes: i32 = 262144;

/** Rows of x of this number that are one panel, interleaved; rows that are not there are zero. */
function panel(x: usize, ldx: usize, rows: i32, k: i32, wide: i32, to: usize): void {
  const step = (<usize>wide) << 2;
  for (let r = 0; r < wide; r++, x += ldx) {
    let out = to + ((<usize>r) << 2);
    if (r < rows) for (let i = 0; i < k; i++, out += step) store<f32>(out, load<f32>(x + ((<usize>i) << 2)));
    else for (let i = 0; i < k; i++, out += step) store<f32>(out, 0);
  }
}

/** All rows of x as panels: sixes, then the fewest fours, as `tiles` reads them. */
export function panels(x: usize, ldx: usize, rows: i32, k: i32, to: usize): void {
  const even = evenRows(rows);
  const left = even % 6;
  const fours = left === 0 ? 0 : left === 4 ? 1 : 2;
  const sixes = (even - 4 * fours) / 6;
  for (let r = 0, i = 0; r < even; i++) {
    const wide = i < sixes ? 6 : 4;
    panel(x + <usize>r * ldx, ldx, rows - r, k, wide, to);
    to += (<usize>(wide * k)) << 2;
    r += wide;
  }
}

/** Bytes of scratch that `linear` needs. */
export function linearScratch(count: i32, inputs: i32): i32 {
  return edgeBytes + ((evenRows(count) * (min(inputs, innerBlock) + 1)) << 2);
}

/** y [count][outputs] = clamp(x [count][inputs] · Wᵀ + bias); `bias` has whole strips of eight numbers. */
export function linear(
  x: usize,
  count: i32,
  inputs: i32,
  weights: usize,
  outputs: i32,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  scratch: usize,
): void {
  const even = evenRows(count);
  const zeros = scratch + edgeBytes;
  const packed = zeros + ((<usize>even) << 2);
  memory.fill(zeros, 0, (<usize>even) << 2);
  const ldy = (<usize>outputs) << 2;
  let i = 0;
  do {
    const inner = min(innerBlock, inputs - i);
    const last = i + inner === inputs;
    panels(x + ((<usize>i) << 2), (<usize>inputs) << 2, count, inner, packed);
    const chunk = max(1, stripsBytes / max(1, inner << 5)) << 3;
    for (let o = 0; o < outputs; o += chunk) {
      const at = (<usize>o) << 2;
      const strips = weights + <usize>o * ((<usize>inner) << 2);

      tiles(
        packed,
        count,
        inner,
        strips,
        min(chunk, outputs - o),
        y + at,
        ldy,
        i === 0,
        zeros,
        bias + at,
        32,
        last ? low : <f32>-Infinity,
        last ? high : <f32>Infinity,
        scratch,
      );
    }
    weights += (<usize>(((outputs + 7) & ~7) * inner)) << 2;
    i += innerBlock;
  } while (i < inputs);
}

/** @inline */
function clamped(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** The first `left` numbers of two vectors. */
function storePart(to: usize, a: v128, b: v128, left: i32): void {
  if (left >= 8) {
    v128.store(to, a);
    v128.store(to, b, 16);
    return;
  }
  if (left >= 4) v128.store(to, a);
  const v = left >= 4 ? b : a;
  to += left >= 4 ? 16 : 0;
  const rest = left & 3;
  if (rest > 0) store<f32>(to, f32x4.extract_lane(v, 0));
  if (rest > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (rest > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}

/** Outputs `first` … `end` − 1 of the only row of x: four strips at a time, each weight read once. `first` is a multiple of 32. */
export function linearVector(
  x: usize,
  inputs: i32,
  weights: usize,
  outputs: i32,
  first: i32,
  end: i32,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const strips = (outputs + 7) >> 3;
  const last = (end + 7) >> 3;
  for (let s = first >> 3; s < last; s += 4) {
    const n = min(4, last - s);
    const at = bias + ((<usize>s) << 5);
    let a0 = v128.load(at);
    let a1 = v128.load(at, 16);
    let b0 = v128.load(at, 32);
    let b1 = v128.load(at, 48);
    let c0 = v128.load(at, 64);
    let c1 = v128.load(at, 80);
    let d0 = v128.load(at, 96);
    let d1 = v128.load(at, 112);
    let block = weights;
    let from = x;
    for (let i = 0; i < inputs; i += innerBlock) {
      const inner = min(innerBlock, inputs - i);
      const stripBytes = (<usize>inner) << 5;
      let w0 = block + <usize>s * stripBytes;
      // strips that are not there are read as the last one, and not stored
      let w1 = w0 + (n > 1 ? stripBytes : 0);
      let w2 = w1 + (n > 2 ? stripBytes : 0);
      let w3 = w2 + (n > 3 ? stripBytes : 0);
      for (let k = 0; k < inner; k++, from += 4, w0 += 32, w1 += 32, w2 += 32, w3 += 32) {
        const v = v128.load32_splat(from);
        a0 = madd(a0, v, v128.load(w0));
        a1 = madd(a1, v, v128.load(w0, 16));
        b0 = madd(b0, v, v128.load(w1));
        b1 = madd(b1, v, v128.load(w1, 16));
        c0 = madd(c0, v, v128.load(w2));
        c1 = madd(c1, v, v128.load(w2, 16));
        d0 = madd(d0, v, v128.load(w3));
        d1 = madd(d1, v, v128.load(w3, 16));
      }
      block += <usize>strips * stripBytes;
    }
    const to = y + ((<usize>s) << 5);
    const left = end - (s << 3);
    storePart(to, clamped(a0, lows, highs), clamped(a1, lows, highs), left);
    if (n > 1) storePart(to + 32, clamped(b0, lows, highs), clamped(b1, lows, highs), left - 8);
    if (n > 2) storePart(to + 64, clamped(c0, lows, highs), clamped(c1, lows, highs), left - 16);
    if (n > 3) storePart(to + 96, clamped(d0, lows, highs), clamped(d1, lows, highs), left - 24);
  }
}
