/**
 * Convolution 3×3 with stride 1 in 16 products for 2×2 outputs instead of 36 (Winograd's F(2×2, 3×3), after Lavin and Gray, "Fast
 * algorithms for convolutional neural networks", 2016). The transformed weights are packed by whoever calls; the input is spread by a
 * stride of 2, so that four tiles side by side are vectors.
 */

import { zeros } from './gemm';
import { copyRun } from './spread';
import { edgeBytes, evenRows, innerBlock, tiles } from './tile';

/** Tiles times channels that are transformed at a time. */
const chunk: i32 = 16384;

/** Rows of tiles at a time. */
function rowsAtATime(channels: i32, tileRows: i32, pitch: i32): i32 {
  return max(1, min(tileRows, chunk / (channels * pitch)));
}

/** Bytes of scratch that `winograd` needs. */
export function winogradScratch(channels: i32, rows: i32, tileRows: i32, pitch: i32): i32 {
  const across = rowsAtATime(channels, tileRows, pitch) * pitch;
  const strips = (across + 7) >> 3;
  return edgeBytes + (evenRows(rows) << 2) + 16 * channels * (strips << 5) + 16 * rows * (across << 2) + 4 * ((across + 4) << 2);
}

/** What one row of a patch becomes: difference or sum of two of its rows, then of the columns. @inline */
function transformRow(
  sum: bool,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  b0: v128,
  b1: v128,
  b2: v128,
  b3: v128,
  to: usize,
  step: usize,
): void {
  const t0 = sum ? f32x4.add(a0, b0) : f32x4.sub(a0, b0);
  const t1 = sum ? f32x4.add(a1, b1) : f32x4.sub(a1, b1);
  const t2 = sum ? f32x4.add(a2, b2) : f32x4.sub(a2, b2);
  const t3 = sum ? f32x4.add(a3, b3) : f32x4.sub(a3, b3);
  v128.store(to, f32x4.sub(t0, t2));
  v128.store(to + step, f32x4.add(t1, t2));
  v128.store(to + 2 * step, f32x4.sub(t2, t1));
  v128.store(to + 3 * step, f32x4.sub(t1, t3));
}

/** Bᵀ·d·B of four tiles; `at` is their place in the first phase, phases are planeBytes apart, rows of tiles `down` bytes. */
function transformInput(at: usize, planeBytes: usize, down: usize, to: usize, step: usize): void {
  const odd = at + planeBytes;
  const below = at + 2 * planeBytes;
  const belowOdd = below + planeBytes;
  const a0 = v128.load(at);
  const a1 = v128.load(odd);
  const a2 = v128.load(at, 4);
  const a3 = v128.load(odd, 4);
  const c0 = v128.load(at + down);
  const c1 = v128.load(odd + down);
  const c2 = v128.load(at + down, 4);
  const c3 = v128.load(odd + down, 4);
  transformRow(false, a0, a1, a2, a3, c0, c1, c2, c3, to, step);
  const b0 = v128.load(below);
  const b1 = v128.load(belowOdd);
  const b2 = v128.load(below, 4);
  const b3 = v128.load(belowOdd, 4);
  transformRow(true, b0, b1, b2, b3, c0, c1, c2, c3, to + 4 * step, step);
  transformRow(false, c0, c1, c2, c3, b0, b1, b2, b3, to + 8 * step, step);
  const d0 = v128.load(below + down);
  const d1 = v128.load(belowOdd + down);
  const d2 = v128.load(below + down, 4);
  const d3 = v128.load(belowOdd + down, 4);
  transformRow(false, b0, b1, b2, b3, d0, d1, d2, d3, to + 12 * step, step);
}

/** @inline */
function finished(v: v128, bias: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(v, bias), low), high);
}

/** Aᵀ·m·A of one output channel: even rows of all tiles, then odd ones, each tile two numbers; up to three tiles more are written. */
function transformOutput(m: usize, step: usize, count: i32, bias: f32, low: f32, high: f32, even: usize, odd: usize): void {
  const biases = f32x4.splat(bias);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const row = 4 * step;
  for (let t = 0; t < count; t += 4, m += 16, even += 32, odd += 32) {
    let at = m;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let u0 = s0;
    let u1 = s0;
    let u2 = s0;
    let u3 = s0;
    for (let j = 0; j < 4; j++, at += step) {
      const m1 = v128.load(at + row);
      const m2 = v128.load(at + 2 * row);
      const up = f32x4.add(f32x4.add(v128.load(at), m1), m2);
      const down = f32x4.sub(f32x4.sub(m1, m2), v128.load(at + 3 * row));
      if (j === 0) {
        s0 = up;
        u0 = down;
      } else if (j === 1) {
        s1 = up;
        u1 = down;
      } else if (j === 2) {
        s2 = up;
        u2 = down;
      } else {
        s3 = up;
        u3 = down;
      }
    }
    const e0 = finished(f32x4.add(f32x4.add(s0, s1), s2), biases, lows, highs);
    const e1 = finished(f32x4.sub(f32x4.sub(s1, s2), s3), biases, lows, highs);
    const o0 = finished(f32x4.add(f32x4.add(u0, u1), u2), biases, lows, highs);
    const o1 = finished(f32x4.sub(f32x4.sub(u1, u2), u3), biases, lows, highs);
    v128.store(even, v128.shuffle<f32>(e0, e1, 0, 4, 1, 5));
    v128.store(even, v128.shuffle<f32>(e0, e1, 2, 6, 3, 7), 16);
    v128.store(odd, v128.shuffle<f32>(o0, o1, 0, 4, 1, 5));
    v128.store(odd, v128.shuffle<f32>(o0, o1, 2, 6, 3, 7), 16);
  }
}

/**
 * Rows of tiles `first` … `end` − 1 of one image; `planes` are what `spread` by a stride of 2 made of it, pitch and planeBytes those that it
 * was given. `weights` are 16 packed matrices [rows][channels].
 */
export function winograd(
  planes: usize,
  channels: i32,
  pitch: i32,
  planeBytes: usize,
  weights: usize,
  rows: i32,
  first: i32,
  end: i32,
  outHeight: i32,
  outWidth: i32,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
  scratch: usize,
): void {
  const most = rowsAtATime(channels, end - first, pitch);
  const rowBias = scratch + edgeBytes;
  const inputs = rowBias + ((<usize>evenRows(rows)) << 2);
  memory.fill(rowBias, 0, (<usize>evenRows(rows)) << 2);
  const down = (<usize>pitch) << 2;
  const weightBytes = (<usize>(evenRows(rows) * channels)) << 2;
  const pixels = (<usize>(outHeight * outWidth)) << 2;
  for (; first < end; first += most) {
    const tall = min(most, end - first);
    const across = tall * pitch;
    const strips = (across + 7) >> 3;
    const step = (<usize>(channels * strips)) << 5;
    for (let c = 0; c < channels; c++) {
      const plane = planes + <usize>(4 * c) * planeBytes + <usize>first * down;
      const block = (c / innerBlock) * innerBlock;
      const inner = min(innerBlock, channels - block);
      let to = inputs + ((<usize>(block * strips + c - block)) << 5);
      for (let s = 0; s < strips; s++, to += (<usize>inner) << 5) {
        const at = plane + ((<usize>s) << 5);
        transformInput(at, planeBytes, down, to, step);
        transformInput(at + 16, planeBytes, down, to + 16, step);
      }
    }
    const products = inputs + 16 * step;
    const ldm = (<usize>across) << 2;
    const productStep = <usize>rows * ldm;
    for (let e = 0; e < 16; e++) {
      let a = weights + <usize>e * weightBytes;
      for (let block = 0; block < channels; block += innerBlock) {
        const inner = min(innerBlock, channels - block);
        const b = inputs + <usize>e * step + ((<usize>(block * strips)) << 5);
        const c = products + <usize>e * productStep;
        tiles(a, rows, inner, b, across, c, ldm, block === 0, rowBias, zeros, 0, <f32>-Infinity, <f32>Infinity, scratch);
        a += (<usize>(evenRows(rows) * inner)) << 2;
      }
    }
    const even = products + 16 * productStep;
    const odd = even + 2 * ldm + 32;
    for (let o = 0; o < rows; o++) {
      transformOutput(products + <usize>o * ldm, productStep, across, load<f32>(bias + ((<usize>o) << 2)), low, high, even, odd);
      let to = y + <usize>o * pixels + ((<usize>(2 * first * outWidth)) << 2);
      for (let t = 0; t < tall; t++) {
        copyRun(even + <usize>t * 2 * down, 1, to, outWidth);
        to += (<usize>outWidth) << 2;
        if (2 * (first + t) + 1 < outHeight) {
          copyRun(odd + <usize>t * 2 * down, 1, to, outWidth);
          to += (<usize>outWidth) << 2;
        }
      }
    }
  }
}
