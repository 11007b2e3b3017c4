/**
 * Products of integer weights with rows of x that are rounded to 16 bits, each by a step of its own: eight products and four sums of two at
 * a time, in 32 bits. Whoever calls sees to it that no sum can leave them. Weights of 8 bits lie in blocks of four outputs × eight inputs.
 */

/** Inputs that are computed for so many. @inline */
function wholeBlocks(inputs: i32): i32 {
  return (inputs + 7) & ~7;
}

/** Bytes of scratch that `integerLinear` needs. */
export function integerLinearScratch(count: i32, inputs: i32): i32 {
  return count * (2 * wholeBlocks(inputs) + 16);
}

/** The largest magnitude of x times its factors; NaN where there is one. */
function largestOf(x: usize, factors: usize, n: i32): f32 {
  let most = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, factors += 16) most = f32x4.max(most, f32x4.abs(f32x4.mul(v128.load(x), v128.load(factors))));
  let found = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; i < n; i++, x += 4, factors += 4) found = max(found, abs(load<f32>(x) * load<f32>(factors)));
  return found;
}

/** @inline */
function nearest4(x: v128, factors: v128, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.mul(x, factors), inverse)));
}

/** @inline */
function rounded(x: usize, factors: usize, inverse: v128): v128 {
  return nearest4(v128.load(x), v128.load(factors), inverse);
}

/** A row in multiples of its step, zeros behind it. */
function roundRow(x: usize, factors: usize, n: i32, inverse: f32, to: usize): void {
  const inverses = f32x4.splat(inverse);
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 32, factors += 32, to += 16)
    v128.store(to, i16x8.narrow_i32x4_s(rounded(x, factors, inverses), rounded(x + 16, factors + 16, inverses)));
  if (i === n) return;
  v128.store(to, i32x4.splat(0));
  for (; i < n; i++, x += 4, factors += 4, to += 2) {
    const v = nearest4(v128.load32_zero(x), v128.load32_zero(factors), inverses);
    store<i16>(to, <i16>i32x4.extract_lane(v, 0));
  }
}

/** The sums of four vectors. @inline */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 2, 6), v128.shuffle<i32>(a, b, 1, 5, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 2, 6), v128.shuffle<i32>(c, d, 1, 5, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** @inline */
function finish(sum: v128, step: f32, scale: usize, bias: usize, low: v128, high: v128, left: i32, y: usize): void {
  const scaled = f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(v128.load(scale), f32x4.splat(step)));
  const v = f32x4.pmin(f32x4.pmax(f32x4.add(scaled, v128.load(bias)), low), high);
  if (left >= 4) v128.store(y, v);
  else {
    store<f32>(y, f32x4.extract_lane(v, 0));
    if (left > 1) store<f32>(y, f32x4.extract_lane(v, 1), 4);
    if (left > 2) store<f32>(y, f32x4.extract_lane(v, 2), 8);
  }
}

/** Four outputs of one row, or of two. @inline */
function block(
  pair: bool,
  w: usize,
  x: usize,
  inputs: i32,
  steps: usize,
  scale: usize,
  bias: usize,
  low: v128,
  high: v128,
  left: i32,
  y: usize,
  ldy: usize,
): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const rowBytes = (<usize>inputs) << 1;
  for (const end = x + rowBytes; x < end; x += 16, w += 32) {
    const p = v128.load(x);
    const w0 = v128.load_ext<i8>(w);
    const w1 = v128.load_ext<i8>(w, 8);
    const w2 = v128.load_ext<i8>(w, 16);
    const w3 = v128.load_ext<i8>(w, 24);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(w0, p));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(w1, p));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(w2, p));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(w3, p));
    if (pair) {
      const q = v128.load(x + rowBytes);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(w0, q));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(w1, q));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(w2, q));
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(w3, q));
    }
  }
  finish(sums(a0, a1, a2, a3), load<f32>(steps), scale, bias, low, high, left, y);
  if (pair) finish(sums(b0, b1, b2, b3), load<f32>(steps, 4), scale, bias, low, high, left, y + ldy);
}

function products(
  x: usize,
  count: i32,
  inputs: i32,
  steps: usize,
  weights: usize,
  outputs: i32,
  scale: usize,
  bias: usize,
  low: v128,
  high: v128,
  y: usize,
): void {
  const ldy = (<usize>outputs) << 2;
  const panelBytes = (<usize>inputs) << 2;
  for (let o = 0; o < outputs; o += 4, weights += panelBytes, scale += 16, bias += 16) {
    let row = x;
    let to = y + ((<usize>o) << 2);
    let step = steps;
    let n = 0;
    for (; n + 2 <= count; n += 2, row += (<usize>inputs) << 2, to += 2 * ldy, step += 8)
      block(true, weights, row, inputs, step, scale, bias, low, high, outputs - o, to, ldy);
    if (n < count) block(false, weights, row, inputs, step, scale, bias, low, high, outputs - o, to, ldy);
  }
}

/**
 * Y [count][outputs] = clamp(X·factors Wᵀ · scale + bias), X [count][inputs]. Each row of X times its factors is rounded to multiples of its
 * largest magnitude over `range`. Scale and bias have whole blocks of four.
 */
export function integerLinear(
  x: usize,
  count: i32,
  inputs: i32,
  factors: usize,
  range: f32,
  weights: usize,
  outputs: i32,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  scratch: usize,
): void {
  const even = wholeBlocks(inputs);
  const steps = scratch + ((<usize>(count * even)) << 1);
  for (let n = 0; n < count; n++) {
    const from = x + ((<usize>(n * inputs)) << 2);
    const step = largestOf(from, factors, inputs) / range;
    store<f32>(steps + ((<usize>n) << 2), step);
    roundRow(from, factors, inputs, step > 0 ? <f32>1 / step : 0, scratch + ((<usize>(n * even)) << 1));
  }
  products(scratch, count, even, steps, weights, outputs, scale, bias, f32x4.splat(low), f32x4.splat(high), y);
}
