/**
 * Two operands whose shapes broadcast: y = f(a, b), f by its number (src/operators/binary.ts). `walk` has the strides of a and of b, 0 or
 * 1 along the last axis; y is contiguous and may be an operand of its own shape.
 */
import { begin, inner, next, place, step } from './walk';

/** @inline */
function real(f: i32, a: v128, b: v128): v128 {
  if (f === 0) return f32x4.add(a, b);
  if (f === 1) return f32x4.sub(a, b);
  if (f === 2) return f32x4.mul(a, b);
  if (f === 3) return f32x4.div(a, b);
  if (f === 4) return f32x4.min(a, b);
  if (f === 5) return f32x4.max(a, b);
  return v128.bitselect(f32x4.mul(a, b), a, f32x4.lt(a, f32x4.splat(0)));
}

/** @inline */
function held(v: v128, low: v128, high: v128): v128 {
  return f32x4.min(f32x4.max(v, low), high);
}

/** @inline */
function row(f: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32, low: v128, high: v128): void {
  const end = y + ((<usize>n) << 2);
  if (aStep & bStep) for (; y + 16 <= end; a += 16, b += 16, y += 16) v128.store(y, held(real(f, v128.load(a), v128.load(b)), low, high));
  else if (aStep) {
    const q = v128.load32_splat(b);
    for (; y + 16 <= end; a += 16, y += 16) v128.store(y, held(real(f, v128.load(a), q), low, high));
  } else if (bStep) {
    const p = v128.load32_splat(a);
    for (; y + 16 <= end; b += 16, y += 16) v128.store(y, held(real(f, p, v128.load(b)), low, high));
  }
  const aBytes = (<usize>aStep) << 2;
  const bBytes = (<usize>bStep) << 2;
  for (; y < end; a += aBytes, b += bBytes, y += 4)
    store<f32>(y, f32x4.extract_lane(held(real(f, v128.load32_splat(a), v128.load32_splat(b)), low, high), 0));
}

/** Float32; the results are held in low … high. */
export function binary(f: i32, walk: usize, a: usize, b: usize, y: usize, low: f32, high: f32): void {
  const counters = begin(walk, 2);
  const n = inner(walk);
  const p = step(walk, 1);
  const q = step(walk, 2);
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  do {
    const i = a + place(walk, counters, 1);
    const j = b + place(walk, counters, 2);
    if (f === 0) row(0, i, p, j, q, y, n, l, h);
    else if (f === 1) row(1, i, p, j, q, y, n, l, h);
    else if (f === 2) row(2, i, p, j, q, y, n, l, h);
    else if (f === 3) row(3, i, p, j, q, y, n, l, h);
    else if (f === 4) row(4, i, p, j, q, y, n, l, h);
    else if (f === 5) row(5, i, p, j, q, y, n, l, h);
    else row(6, i, p, j, q, y, n, l, h);
    y += (<usize>n) << 2;
  } while (next(walk, counters));
}

function whole(f: i32, a: i32, b: i32): i32 {
  if (f === 0) return a + b;
  if (f === 1) return a - b;
  if (f === 2) return a * b;
  if (f === 3) return b === 0 ? 0 : b === -1 ? -a : a / b;
  if (f === 4) return min(a, b);
  if (f === 5) return max(a, b);
  if (f === 7) return i32(a === b);
  if (f === 8) return i32(a < b);
  if (f === 9) return i32(a > b);
  if (f === 10) return i32(a <= b);
  if (f === 11) return i32(a >= b);
  if (f === 12) return a & b;
  if (f === 13) return a | b;
  return a ^ b;
}

/** int32 throughout. */
export function binaryInts(f: i32, walk: usize, a: usize, b: usize, y: usize): void {
  const counters = begin(walk, 2);
  const n = inner(walk);
  const p = (<usize>step(walk, 1)) << 2;
  const q = (<usize>step(walk, 2)) << 2;
  do {
    let i = a + place(walk, counters, 1);
    let j = b + place(walk, counters, 2);
    for (let k = 0; k < n; k++, i += p, j += q, y += 4) store<i32>(y, whole(f, load<i32>(i), load<i32>(j)));
  } while (next(walk, counters));
}

function compared(f: i32, a: f32, b: f32): i32 {
  if (f === 7) return i32(a === b);
  if (f === 8) return i32(a < b);
  if (f === 9) return i32(a > b);
  if (f === 10) return i32(a <= b);
  return i32(a >= b);
}

/** Float32 in, 0 or 1 as int32 out. */
export function compare(f: i32, walk: usize, a: usize, b: usize, y: usize): void {
  const counters = begin(walk, 2);
  const n = inner(walk);
  const p = (<usize>step(walk, 1)) << 2;
  const q = (<usize>step(walk, 2)) << 2;
  do {
    let i = a + place(walk, counters, 1);
    let j = b + place(walk, counters, 2);
    for (let k = 0; k < n; k++, i += p, j += q, y += 4) store<i32>(y, compared(f, load<f32>(i), load<f32>(j)));
  } while (next(walk, counters));
}

/** y = a^b, float32. */
export function power(walk: usize, a: usize, b: usize, y: usize): void {
  const counters = begin(walk, 2);
  const n = inner(walk);
  const p = (<usize>step(walk, 1)) << 2;
  const q = (<usize>step(walk, 2)) << 2;
  do {
    let i = a + place(walk, counters, 1);
    let j = b + place(walk, counters, 2);
    for (let k = 0; k < n; k++, i += p, j += q, y += 4) store<f32>(y, NativeMathf.pow(load<f32>(i), load<f32>(j)));
  } while (next(walk, counters));
}
