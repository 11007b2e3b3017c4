/**
 * Convolution of integer weights with activations that are rounded to 16 bits: two products and their sum at a time, in 32 bits. Whoever
 * calls sees to it that no sum can leave them. Tiles are 4 rows × 8 pixels; pairs of inner indices lie side by side.
 */
import { edgeBytes } from './tile';

/** Bytes of packed strips at a time: they stay in the second cache. */
const stripsBytes: i32 = 1048576;

/** Bytes of scratch that `integerConv` needs. */
export function integerScratch(k: i32, columns: i32): i32 {
  return edgeBytes + stripsOf(k, columns) * (((k + 1) >> 1) << 5);
}

function stripsOf(k: i32, columns: i32): i32 {
  return min((columns + 7) >> 3, max(1, stripsBytes / (((k + 1) >> 1) << 5)));
}

/** The largest magnitude of a plane; NaN where there is one. */
function largestOf(x: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4, x += 16) most = f32x4.max(most, f32x4.abs(v128.load(x)));
  let found = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; i < count; i++, x += 4) found = max(found, abs(load<f32>(x)));
  return found;
}

/** The largest magnitude of x [planes][count], each plane times its factor, which is not negative. */
export function largest(x: usize, planes: i32, count: i32, factors: usize): f32 {
  let found: f32 = 0;
  for (let p = 0; p < planes; p++, x += (<usize>count) << 2, factors += 4) found = max(found, largestOf(x, count) * load<f32>(factors));
  return found;
}

/** Four pixels of one inner index, rounded. @inline */
function rounded(p0: usize, p1: usize, p2: usize, p3: usize, steps: v128): v128 {
  let v = v128.load32_zero(p0);
  v = v128.load32_lane(p1, v, 1);
  v = v128.load32_lane(p2, v, 2);
  v = v128.load32_lane(p3, v, 3);
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v, steps)));
}

/** Half strip after half strip, two inner indices to a word; the one that an odd number lacks is zero. */
function packPairs(x: usize, taps: usize, factors: usize, k: i32, pixels: usize, columns: i32, inverse: v128, to: usize): void {
  const low = i32x4.splat(0xffff);
  const strip = (<usize>((k + 1) >> 1)) << 5;
  const halves = ((columns + 7) >> 3) << 1;
  for (let half = 0; half < halves; half++, pixels += 16) {
    let out = to + <usize>(half >> 1) * strip + ((<usize>(half & 1)) << 4);
    const p0 = x + <usize>load<u32>(pixels);
    const p1 = x + <usize>load<u32>(pixels, 4);
    const p2 = x + <usize>load<u32>(pixels, 8);
    const p3 = x + <usize>load<u32>(pixels, 12);
    for (let i = 0; i < k; i += 2, out += 32) {
      const a = <usize>load<u32>(taps + ((<usize>i) << 2));
      let steps = f32x4.mul(v128.load32_splat(factors + ((<usize>i) << 2)), inverse);
      let pair = v128.and(rounded(p0 + a, p1 + a, p2 + a, p3 + a, steps), low);
      if (i + 1 < k) {
        const b = <usize>load<u32>(taps + ((<usize>i) << 2), 4);
        steps = f32x4.mul(v128.load32_splat(factors + ((<usize>i) << 2), 4), inverse);
        pair = v128.or(pair, i32x4.shl(rounded(p0 + b, p1 + b, p2 + b, p3 + b, steps), 16));
      }
      v128.store(out, pair);
    }
  }
}

/** @inline */
function finish(sum: v128, scale: v128, bias: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), scale), bias), low), high);
}

function tile(a: usize, b: usize, pairs: i32, c: usize, ldc: usize, scale: usize, bias: usize, step: f32, low: f32, high: f32): void {
  let a00 = i32x4.splat(0);
  let a01 = a00;
  let a10 = a00;
  let a11 = a00;
  let a20 = a00;
  let a21 = a00;
  let a30 = a00;
  let a31 = a00;
  for (; pairs > 0; pairs--, a += 16, b += 32) {
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    let w = v128.load32_splat(a);
    a00 = i32x4.add(a00, i32x4.dot_i16x8_s(w, x0));
    a01 = i32x4.add(a01, i32x4.dot_i16x8_s(w, x1));
    w = v128.load32_splat(a, 4);
    a10 = i32x4.add(a10, i32x4.dot_i16x8_s(w, x0));
    a11 = i32x4.add(a11, i32x4.dot_i16x8_s(w, x1));
    w = v128.load32_splat(a, 8);
    a20 = i32x4.add(a20, i32x4.dot_i16x8_s(w, x0));
    a21 = i32x4.add(a21, i32x4.dot_i16x8_s(w, x1));
    w = v128.load32_splat(a, 12);
    a30 = i32x4.add(a30, i32x4.dot_i16x8_s(w, x0));
    a31 = i32x4.add(a31, i32x4.dot_i16x8_s(w, x1));
  }
  const steps = f32x4.splat(step);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let s = f32x4.mul(v128.load32_splat(scale), steps);
  let v = v128.load32_splat(bias);
  v128.store(c, finish(a00, s, v, lows, highs));
  v128.store(c, finish(a01, s, v, lows, highs), 16);
  c += ldc;
  s = f32x4.mul(v128.load32_splat(scale, 4), steps);
  v = v128.load32_splat(bias, 4);
  v128.store(c, finish(a10, s, v, lows, highs));
  v128.store(c, finish(a11, s, v, lows, highs), 16);
  c += ldc;
  s = f32x4.mul(v128.load32_splat(scale, 8), steps);
  v = v128.load32_splat(bias, 8);
  v128.store(c, finish(a20, s, v, lows, highs));
  v128.store(c, finish(a21, s, v, lows, highs), 16);
  c += ldc;
  s = f32x4.mul(v128.load32_splat(scale, 12), steps);
  v = v128.load32_splat(bias, 12);
  v128.store(c, finish(a30, s, v, lows, highs));
  v128.store(c, finish(a31, s, v, lows, highs), 16);
}

/**
 * Y [rows][columns] = clamp(W·patches · scale + bias), W in panels of four rows [pairs][4][2] of i16. Element (i, p) of the patches is what lies
 * taps[i] + pixels[p] bytes behind x, times factors[i], rounded to multiples of `step`; `pixels` has whole strips of 8, scale and bias
 * whole panels.
 */
export function integerConv(
  weights: usize,
  rows: i32,
  k: i32,
  x: usize,
  taps: usize,
  factors: usize,
  pixels: usize,
  columns: i32,
  step: f32,
  y: usize,
  ldy: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  scratch: usize,
): void {
  const pairs = (k + 1) >> 1;
  const width = stripsOf(k, columns) << 3;
  const edge = scratch;
  const packed = scratch + edgeBytes;
  const inverse = f32x4.splat(step > 0 ? <f32>1 / step : 0);
  for (let p = 0; p < columns; p += width) {
    const across = min(width, columns - p);
    packPairs(x, taps, factors, k, pixels + ((<usize>p) << 2), across, inverse, packed);
    for (let r = 0; r < rows; r += 4) {
      const a = weights + ((<usize>(r * pairs)) << 2);
      const tall = min(4, rows - r);
      let b = packed;
      for (let q = 0; q < across; q += 8, b += (<usize>pairs) << 5) {
        const wide = min(8, across - q);
        const to = y + <usize>r * ldy + ((<usize>(p + q)) << 2);
        const whole = tall === 4 && wide === 8;
        const at = (<usize>r) << 2;
        tile(a, b, pairs, whole ? to : edge, whole ? ldy : 32, scale + at, bias + at, step, low, high);
        if (!whole) for (let i = 0; i < tall; i++) memory.copy(to + <usize>i * ldy, edge + ((<usize>i) << 5), (<usize>wide) << 2);
      }
    }
  }
}
