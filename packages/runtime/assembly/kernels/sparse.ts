/**
 * Sparse weights times dense activations: each kept weight meets a run of pixels, eight vectors at a time in registers. A weight is an
 * offset in bytes into the activations and a value, so that a convolution of any kernel is the same loop over planes that `spread` made.
 * After Elsen et al., "Fast sparse convnets", 2020.
 */

import { madd } from './madd';
import { gather, spread } from './spread';

const floats: i32 = 0;
const shared: i32 = 1;
const signed: i32 = 2;

/** @inline */
function clamped(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** Where the weight of an entry looks, in bytes from x. @inline */
function placeOf(kind: i32, e: usize): usize {
  const word = load<u32>(e);
  return kind === shared ? <usize>((word >>> 8) << 2) : <usize>word;
}

/** n vectors of pixels for all rows; the last one begins at `tail`, so that it may overlap the one before. @inline */
function strip(
  kind: i32,
  n: i32,
  tail: usize,
  values: usize,
  x: usize,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const size: usize = kind === floats ? 8 : 4;
  const ratio = kind === signed ? v128.load32_splat(values) : lows;
  let e = entries + <usize>load<u32>(starts) * size;
  for (let r = 0; r < rows; r++) {
    const row = <usize>load<u32>(order + ((<usize>r) << 2));
    const to = y + row * ldy;
    const b = v128.load32_splat(bias + (row << 2));
    let a0 = kind === floats ? b : f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    if (kind === signed) {
      starts += 4;
      for (const middle = entries + <usize>load<u32>(starts) * size; e < middle; e += size) {
        const at = x + placeOf(kind, e);
        if (n > 1) a0 = f32x4.sub(a0, v128.load(at));
        if (n > 2) a1 = f32x4.sub(a1, v128.load(at, 16));
        if (n > 3) a2 = f32x4.sub(a2, v128.load(at, 32));
        if (n > 4) a3 = f32x4.sub(a3, v128.load(at, 48));
        if (n > 5) a4 = f32x4.sub(a4, v128.load(at, 64));
        if (n > 6) a5 = f32x4.sub(a5, v128.load(at, 80));
        if (n > 7) a6 = f32x4.sub(a6, v128.load(at, 96));
        a7 = f32x4.sub(a7, v128.load(at + tail));
      }
      if (n > 1) a0 = f32x4.mul(a0, ratio);
      if (n > 2) a1 = f32x4.mul(a1, ratio);
      if (n > 3) a2 = f32x4.mul(a2, ratio);
      if (n > 4) a3 = f32x4.mul(a3, ratio);
      if (n > 5) a4 = f32x4.mul(a4, ratio);
      if (n > 6) a5 = f32x4.mul(a5, ratio);
      if (n > 7) a6 = f32x4.mul(a6, ratio);
      a7 = f32x4.mul(a7, ratio);
    }
    starts += 4;
    for (const end = entries + <usize>load<u32>(starts) * size; e < end; e += size) {
      const at = x + placeOf(kind, e);
      if (kind === signed) {
        if (n > 1) a0 = f32x4.add(a0, v128.load(at));
        if (n > 2) a1 = f32x4.add(a1, v128.load(at, 16));
        if (n > 3) a2 = f32x4.add(a2, v128.load(at, 32));
        if (n > 4) a3 = f32x4.add(a3, v128.load(at, 48));
        if (n > 5) a4 = f32x4.add(a4, v128.load(at, 64));
        if (n > 6) a5 = f32x4.add(a5, v128.load(at, 80));
        if (n > 7) a6 = f32x4.add(a6, v128.load(at, 96));
        a7 = f32x4.add(a7, v128.load(at + tail));
      } else {
        const w = kind === floats ? v128.load32_splat(e, 4) : v128.load32_splat(values + ((<usize>load<u8>(e)) << 2));
        if (n > 1) a0 = madd(a0, w, v128.load(at));
        if (n > 2) a1 = madd(a1, w, v128.load(at, 16));
        if (n > 3) a2 = madd(a2, w, v128.load(at, 32));
        if (n > 4) a3 = madd(a3, w, v128.load(at, 48));
        if (n > 5) a4 = madd(a4, w, v128.load(at, 64));
        if (n > 6) a5 = madd(a5, w, v128.load(at, 80));
        if (n > 7) a6 = madd(a6, w, v128.load(at, 96));
        a7 = madd(a7, w, v128.load(at + tail));
      }
    }
    const s = kind === floats ? b : v128.load32_splat(scale + (row << 2));
    if (n > 1) v128.store(to, clamped(kind === floats ? a0 : f32x4.add(f32x4.mul(a0, s), b), lows, highs));
    if (n > 2) v128.store(to, clamped(kind === floats ? a1 : f32x4.add(f32x4.mul(a1, s), b), lows, highs), 16);
    if (n > 3) v128.store(to, clamped(kind === floats ? a2 : f32x4.add(f32x4.mul(a2, s), b), lows, highs), 32);
    if (n > 4) v128.store(to, clamped(kind === floats ? a3 : f32x4.add(f32x4.mul(a3, s), b), lows, highs), 48);
    if (n > 5) v128.store(to, clamped(kind === floats ? a4 : f32x4.add(f32x4.mul(a4, s), b), lows, highs), 64);
    if (n > 6) v128.store(to, clamped(kind === floats ? a5 : f32x4.add(f32x4.mul(a5, s), b), lows, highs), 80);
    if (n > 7) v128.store(to, clamped(kind === floats ? a6 : f32x4.add(f32x4.mul(a6, s), b), lows, highs), 96);
    v128.store(to + tail, clamped(kind === floats ? a7 : f32x4.add(f32x4.mul(a7, s), b), lows, highs));
  }
}

/** What an entry multiplies by; those of `signed` before the middle of their row by the negative of the ratio. @inline */
function factorOf(kind: i32, e: usize, values: usize, negative: bool): f32 {
  if (kind === floats) return load<f32>(e, 4);
  if (kind === shared) return load<f32>(values + ((<usize>load<u8>(e)) << 2));
  return negative ? -load<f32>(values) : 1;
}

/** Fewer pixels than a vector has. */
function few(
  kind: i32,
  values: usize,
  x: usize,
  length: i32,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  const size: usize = kind === floats ? 8 : 4;
  for (let r = 0; r < rows; r++) {
    const row = <usize>load<u32>(order + ((<usize>r) << 2));
    const to = y + row * ldy;
    const from = entries + <usize>load<u32>(starts) * size;
    if (kind === signed) starts += 4;
    const middle = entries + <usize>load<u32>(starts) * size;
    starts += 4;
    const end = entries + <usize>load<u32>(starts) * size;
    const b = load<f32>(bias + (row << 2));
    const s: f32 = kind === floats ? 1 : load<f32>(scale + (row << 2));
    for (let p = 0; p < length; p++) {
      let sum: f32 = kind === floats ? b : 0;
      for (let e = from; e < end; e += size)
        sum += factorOf(kind, e, values, e < middle) * load<f32>(x + placeOf(kind, e) + ((<usize>p) << 2));
      if (kind !== floats) sum = sum * s + b;
      store<f32>(to + ((<usize>p) << 2), min(max(sum, low), high));
    }
  }
}

/** All strips of one kind. @inline */
function strips(
  kind: i32,
  values: usize,
  x: usize,
  length: i32,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  if (length < 4) {
    few(kind, values, x, length, rows, order, starts, entries, scale, bias, low, high, y, ldy);
    return;
  }
  const vectors = (length + 3) >> 2;
  const blocks = (vectors + 7) >> 3;
  const wide = (vectors + blocks - 1) / blocks;
  for (let v = 0; v < vectors; v += wide) {
    const n = min(wide, vectors - v);
    const at = (<usize>v) << 4;
    const tail = v + n === vectors ? ((<usize>length) << 2) - at - 16 : (<usize>(n - 1)) << 4;
    if (n === 8) strip(kind, 8, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 7) strip(kind, 7, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 6) strip(kind, 6, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 5) strip(kind, 5, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 4) strip(kind, 4, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 3) strip(kind, 3, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else if (n === 2) strip(kind, 2, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
    else strip(kind, 1, tail, values, x + at, rows, order, starts, entries, scale, bias, low, high, y + at, ldy);
  }
}

/**
 * y [rows][length] = clamp(W·x + bias); row order[r] of W has the entries starts[r] … starts[r + 1] − 1. Rows of y are ldy bytes apart. Rows
 * of equal length should follow one another: the processor then foresees their ends. An entry is, by its kind,
 * 0 `floats`: an offset (u32, bytes from x) and a value (f32);
 * 1 `shared`: the cluster in its lowest byte and above it the offset in numbers; `values` is the codebook;
 * 2 `signed`: an offset; the row is two lists, first what is subtracted, times the ratio at `values`, then what is added.
 * The sums of kinds 1 and 2 are multiplied by scale [rows] before the bias is added.
 */
export function sparse(
  kind: i32,
  values: usize,
  x: usize,
  length: i32,
  rows: i32,
  order: usize,
  starts: usize,
  entries: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  ldy: usize,
): void {
  if (kind === floats) strips(floats, values, x, length, rows, order, starts, entries, scale, bias, low, high, y, ldy);
  else if (kind === shared) strips(shared, values, x, length, rows, order, starts, entries, scale, bias, low, high, y, ldy);
  else strips(signed, values, x, length, rows, order, starts, entries, scale, bias, low, high, y, ldy);
}

/**
 * A convolution of one image in groups, each with `channels` planes and `rows` outputs: planes are spread, multiplied, and gathered. A
 * depthwise convolution is one of as many groups as channels. `scratch` holds the planes of one group, spread, then its outputs.
 */
export function sparseConv(
  kind: i32,
  values: usize,
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
  scale: usize,
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
    if (pitch === outWidth)
      sparse(kind, values, scratch, flat, rows, order, starts, entries, scale, bias, low, high, y, (<usize>flat) << 2);
    else {
      sparse(kind, values, scratch, flat, rows, order, starts, entries, scale, bias, low, high, out, flatBytes);
      gather(out, pitch, flatBytes, rows, outHeight, outWidth, y);
    }
    x += (<usize>(channels * height * width)) << 2;
    y += (<usize>(rows * outHeight * outWidth)) << 2;
    order += (<usize>rows) << 2;
    starts += (<usize>(kind === signed ? 2 * rows : rows)) << 2;
    scale += (<usize>rows) << 2;
    bias += (<usize>rows) << 2;
  }
}
