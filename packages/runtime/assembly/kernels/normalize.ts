/** Rows brought to mean 0 and variance 1 (layer, instance and group normalization), and a scale and shift for each channel. */
import { sum4 } from './math';

/** @inline */
function sum(x: usize, n: i32, mean: f32, squares: bool): f32 {
  const end = x + ((<usize>n) << 2);
  const m = f32x4.splat(mean);
  let a = f32x4.splat(0);
  let b = a;
  for (; x + 32 <= end; x += 32) {
    const p = f32x4.sub(v128.load(x), m);
    const q = f32x4.sub(v128.load(x, 16), m);
    a = f32x4.add(a, squares ? f32x4.mul(p, p) : p);
    b = f32x4.add(b, squares ? f32x4.mul(q, q) : q);
  }
  let total = sum4(f32x4.add(a, b));
  for (; x < end; x += 4) {
    const p = load<f32>(x) - mean;
    total += squares ? p * p : p;
  }
  return total;
}

/** y = (x − mean) / √(variance + epsilon) for each row of n; then times scale[i] plus shift[i] where those are given (not 0). */
export function normalize(x: usize, y: usize, rows: i32, n: i32, epsilon: f32, scale: usize, shift: usize): void {
  const bytes = (<usize>n) << 2;
  const whole = bytes & ~15;
  for (let r = 0; r < rows; r++, x += bytes, y += bytes) {
    // twice, for the first mean is off by the rounding of its long sum
    const rough = sum(x, n, 0, false) / <f32>n;
    const mean = rough + sum(x, n, rough, false) / <f32>n;
    const inverse = f32x4.splat(<f32>1 / sqrt<f32>(sum(x, n, mean, true) / <f32>n + epsilon));
    const m = f32x4.splat(mean);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      let v = f32x4.mul(f32x4.sub(v128.load(x + i), m), inverse);
      if (scale) v = f32x4.mul(v, v128.load(scale + i));
      if (shift) v = f32x4.add(v, v128.load(shift + i));
      v128.store(y + i, v);
    }
    for (; i < bytes; i += 4) {
      let v = (load<f32>(x + i) - mean) * f32x4.extract_lane(inverse, 0);
      if (scale) v *= load<f32>(scale + i);
      if (shift) v += load<f32>(shift + i);
      store<f32>(y + i, v);
    }
  }
}

/** y = x·scale[c] + shift[c], held in low … high; planes of n, channel after channel. y may be x. */
export function affine(x: usize, y: usize, planes: i32, channels: i32, n: i32, scale: usize, shift: usize, low: f32, high: f32): void {
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  for (let p = 0, c: usize = 0; p < planes; p++) {
    const a = v128.load32_splat(scale + (c << 2));
    const b = v128.load32_splat(shift + (c << 2));
    if (++c === <usize>channels) c = 0;
    const end = x + ((<usize>n) << 2);
    for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.min(f32x4.max(f32x4.add(f32x4.mul(v128.load(x), a), b), l), h));
    for (; x < end; x += 4, y += 4)
      store<f32>(y, f32x4.extract_lane(f32x4.min(f32x4.max(f32x4.add(f32x4.mul(v128.load32_splat(x), a), b), l), h), 0));
  }
}
