/**
 * Sparse weights times dense activations: each kept weight meets a run of pixels, eight vectors at a time in registers. A weight is an
 * offset in bytes into the activations and a value, so that a convolution of any kernel is the same loop over planes that `spread` made.
 * After Elsen et al., "Fast sparse convnets", 2020.
 */
import { gather, spread } from './spread';

/** @inline */
function clamped(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** n vectors of pixels for all rows; the last one begins at `tail`, so that it may overlap the one before. @inline */
function strip(
  n: i32,
  tail: usize,
  x: usize,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let e = entries + ((<usize>load<i32>(starts)) << 3);
  for (let r = 0; r < rows; r++) {
    const row = <usize>load<u32>(order + ((<usize>r) << 2));
    const to = y + row * ldy;
    starts += 4;
    const end = entries + ((<usize>load<i32>(starts)) << 3);
    const b = v128.load32_splat(bias + (row << 2));
    let a0 = b;
    let a1 = b;
    let a2 = b;
    let a3 = b;
    let a4 = b;
    let a5 = b;
    let a6 = b;
    let a7 = b;
    for (; e < end; e += 8) {
      const at = x + <usize>load<u32>(e);
      const w = v128.load32_splat(e, 4);
      if (n > 1) a0 = f32x4.add(a0, f32x4.mul(w, v128.load(at)));
      if (n > 2) a1 = f32x4.add(a1, f32x4.mul(w, v128.load(at, 16)));
      if (n > 3) a2 = f32x4.add(a2, f32x4.mul(w, v128.load(at, 32)));
      if (n > 4) a3 = f32x4.add(a3, f32x4.mul(w, v128.load(at, 48)));
      if (n > 5) a4 = f32x4.add(a4, f32x4.mul(w, v128.load(at, 64)));
      if (n > 6) a5 = f32x4.add(a5, f32x4.mul(w, v128.load(at, 80)));
      if (n > 7) a6 = f32x4.add(a6, f32x4.mul(w, v128.load(at, 96)));
      a7 = f32x4.add(a7, f32x4.mul(w, v128.load(at + tail)));
    }
    if (n > 1) v128.store(to, clamped(a0, lows, highs));
    if (n > 2) v128.store(to, clamped(a1, lows, highs), 16);
    if (n > 3) v128.store(to, clamped(a2, lows, highs), 32);
    if (n > 4) v128.store(to, clamped(a3, lows, highs), 48);
    if (n > 5) v128.store(to, clamped(a4, lows, highs), 64);
    if (n > 6) v128.store(to, clamped(a5, lows, highs), 80);
    if (n > 7) v128.store(to, clamped(a6, lows, highs), 96);
    v128.store(to + tail, clamped(a7, lows, highs));
  }
}

/** Fewer pixels than a vector has. */
function few(
  x: usize,
  length: i32,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const row = <usize>load<u32>(order + ((<usize>r) << 2));
    const to = y + row * ldy;
    const from = entries + ((<usize>load<i32>(starts)) << 3);
    starts += 4;
    const end = entries + ((<usize>load<i32>(starts)) << 3);
    for (let p = 0; p < length; p++) {
      let sum = load<f32>(bias + (row << 2));
      for (let e = from; e < end; e += 8) sum += load<f32>(e, 4) * load<f32>(x + <usize>load<u32>(e) + ((<usize>p) << 2));
      store<f32>(to + ((<usize>p) << 2), min(max(sum, low), high));
    }
  }
}

/**
 * y [rows][length] = clamp(W·x + bias); row order[r] of W has the entries starts[r] … starts[r + 1] − 1, each an offset (u32, bytes from x)
 * and a value (f32). Rows of y are ldy bytes apart. Rows of equal length should follow one another: the processor then foresees their ends.
 */
export function sparse(
  x: usize,
  length: i32,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  if (length < 4) {
    few(x, length, rows, order, starts, entries, bias, low, high, y, ldy);
    return;
  }
  const vectors = (length + 3) >> 2;
  const blocks = (vectors + 7) >> 3;
  const wide = (vectors + blocks - 1) / blocks;
  for (let v = 0; v < vectors; v += wide) {
    const n = min(wide, vectors - v);
    const at = (<usize>v) << 4;
    const tail = v + n === vectors ? ((<usize>length) << 2) - at - 16 : (<usize>(n - 1)) << 4;
    if (n === 8) strip(8, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 7) strip(7, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 6) strip(6, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 5) strip(5, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 4) strip(4, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 3) strip(3, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else if (n === 2) strip(2, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
    else strip(1, tail, x + at, rows, order, starts, entries, bias, low, high, y + at, ldy);
  }
}

/**
 * A convolution of one image in groups, each with `channels` planes and `rows` outputs: planes are spread, multiplied, and gathered. A
 * depthwise convolution is one of as many groups as channels. `scratch` holds the planes of one group, spread, then its outputs.
 */
export function sparseConv(
  x: usize,
  groups: i32,
  channels: i32,
  rows: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  strideY: i32,
  strideX: i32,
  pitch: i32,
  planeBytes: usize,
  planeRows: i32,
  outHeight: i32,
  outWidth: i32,
  order: usize,
  starts: usize,
  entries: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  scratch: usize,
): void {
  const flat = (outHeight - 1) * pitch + outWidth;
  const flatBytes = ((<usize>flat) << 2) + 16;
  const out = scratch + <usize>(channels * strideY * strideX) * planeBytes;
  for (let g = 0; g < groups; g++) {
    spread(x, channels, height, width, top, left, strideY, strideX, pitch, planeBytes, planeRows, scratch);
    if (pitch === outWidth) sparse(scratch, flat, rows, order, starts, entries, bias, low, high, y, (<usize>flat) << 2);
    else {
      sparse(scratch, flat, rows, order, starts, entries, bias, low, high, out, flatBytes);
      gather(out, pitch, flatBytes, rows, outHeight, outWidth, y);
    }
    x += (<usize>(channels * height * width)) << 2;
    y += (<usize>(rows * outHeight * outWidth)) << 2;
    order += (<usize>rows) << 2;
    starts += (<usize>rows) << 2;
    bias += (<usize>rows) << 2;
  }
}
