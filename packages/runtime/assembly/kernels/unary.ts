/** Element by element: y = f(x), f by its number. What a number means stands in src/operators/unary.ts. */
import { erf4, exp4, log4, sigmoid4, tanh4 } from './math';

/** @inline */
function value(f: i32, x: v128, a: v128, b: v128): v128 {
  if (f === 0) return f32x4.min(f32x4.max(x, a), b);
  if (f === 1) return f32x4.abs(x);
  if (f === 2) return f32x4.neg(x);
  if (f === 3) return f32x4.sqrt(x);
  if (f === 4) return exp4(x);
  if (f === 5) return log4(x);
  if (f === 6) return tanh4(x);
  if (f === 7) return erf4(x);
  if (f === 8) return sigmoid4(x);
  // a·x + b held in 0 … 1
  if (f === 9) return f32x4.min(f32x4.max(f32x4.add(f32x4.mul(x, a), b), f32x4.splat(0)), f32x4.splat(1));
  // x times that
  if (f === 10) return f32x4.mul(x, f32x4.min(f32x4.max(f32x4.add(f32x4.mul(x, a), b), f32x4.splat(0)), f32x4.splat(1)));
  if (f === 11) return v128.bitselect(f32x4.mul(x, a), x, f32x4.lt(x, f32x4.splat(0)));
  // b·(e^x − 1) below 0
  if (f === 12) return v128.bitselect(f32x4.mul(f32x4.sub(exp4(x), f32x4.splat(1)), a), f32x4.mul(x, b), f32x4.lt(x, f32x4.splat(0)));
  // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|)
  if (f === 13) return f32x4.add(f32x4.max(x, f32x4.splat(0)), log4(f32x4.add(f32x4.splat(1), exp4(f32x4.neg(f32x4.abs(x))))));
  if (f === 14) {
    const one = f32x4.splat(1);
    return v128.or(v128.and(f32x4.gt(x, f32x4.splat(0)), one), v128.and(f32x4.lt(x, f32x4.splat(0)), f32x4.neg(one)));
  }
  if (f === 15) return f32x4.div(f32x4.splat(1), x);
  if (f === 16) return f32x4.floor(x);
  if (f === 17) return f32x4.ceil(x);
  if (f === 18) return f32x4.nearest(x);
  // x/2·(1 + erf(x/√2))
  if (f === 19)
    return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), f32x4.add(erf4(f32x4.mul(x, f32x4.splat(f32(Math.SQRT1_2)))), f32x4.splat(1)));
  // x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  if (f === 20) {
    const cube = f32x4.mul(f32x4.mul(x, x), f32x4.mul(x, f32x4.splat(0.044715)));
    const t = tanh4(f32x4.mul(f32x4.add(x, cube), f32x4.splat(0.797884561)));
    return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), f32x4.add(t, f32x4.splat(1)));
  }
  // x·sigmoid(a·x)
  return f32x4.mul(x, sigmoid4(f32x4.mul(x, a)));
}

/** @inline */
function each(f: i32, x: usize, y: usize, n: i32, a: f32, b: f32): void {
  const p = f32x4.splat(a);
  const q = f32x4.splat(b);
  const end = x + ((<usize>n) << 2);
  // the last vector may be read past the end, and is stored in part
  for (; x < end; x += 16, y += 16) {
    const v = value(f, v128.load(x), p, q);
    if (x + 16 <= end) v128.store(y, v);
    else storePart(y, v, <i32>(end - x));
  }
}

function storePart(y: usize, v: v128, bytes: i32): void {
  store<f32>(y, f32x4.extract_lane(v, 0));
  if (bytes > 4) store<f32>(y, f32x4.extract_lane(v, 1), 4);
  if (bytes > 8) store<f32>(y, f32x4.extract_lane(v, 2), 8);
}

/** y may be x. */
export function unary(f: i32, x: usize, y: usize, n: i32, a: f32, b: f32): void {
  switch (f) {
    case 0:
      each(0, x, y, n, a, b);
      break;
    case 1:
      each(1, x, y, n, a, b);
      break;
    case 2:
      each(2, x, y, n, a, b);
      break;
    case 3:
      each(3, x, y, n, a, b);
      break;
    case 4:
      each(4, x, y, n, a, b);
      break;
    case 5:
      each(5, x, y, n, a, b);
      break;
    case 6:
      each(6, x, y, n, a, b);
      break;
    case 7:
      each(7, x, y, n, a, b);
      break;
    case 8:
      each(8, x, y, n, a, b);
      break;
    case 9:
      each(9, x, y, n, a, b);
      break;
    case 10:
      each(10, x, y, n, a, b);
      break;
    case 11:
      each(11, x, y, n, a, b);
      break;
    case 12:
      each(12, x, y, n, a, b);
      break;
    case 13:
      each(13, x, y, n, a, b);
      break;
    case 14:
      each(14, x, y, n, a, b);
      break;
    case 15:
      each(15, x, y, n, a, b);
      break;
    case 16:
      each(16, x, y, n, a, b);
      break;
    case 17:
      each(17, x, y, n, a, b);
      break;
    case 18:
      each(18, x, y, n, a, b);
      break;
    case 19:
      each(19, x, y, n, a, b);
      break;
    case 20:
      each(20, x, y, n, a, b);
      break;
    default:
      each(21, x, y, n, a, b);
  }
}
