/**
 * exp, log, tanh and erf of four numbers at a time, to a few units of the last place of float32. Only operations that every engine rounds
 * alike, so that results are the same everywhere. After Cephes (Moshier) and the rational approximations of Eigen.
 */

/** 2^n for whole n in −126 … 127. @inline */
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x. Infinite above 88.73, exact to the last subnormal numbers below −87.3. @inline */
export function exp4(x: v128): v128 {
  const held = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(held, f32x4.splat(f32(Math.LOG2E))));
  // x − n·ln 2, ln 2 in two parts of which the first times n is exact
  const r = f32x4.sub(f32x4.sub(held, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(1.98756915e-4)), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // in two steps, for 2^n itself may be out of range where the product is not
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** The natural logarithm; −∞ at 0, NaN below. @inline */
export function log4(x: v128): v128 {
  // subnormal numbers are scaled into the normal range
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const bits = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  let e = i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(126));
  e = i32x4.sub(e, v128.and(tiny, i32x4.splat(23)));
  const m = v128.or(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(m, f32x4.splat(f32(Math.SQRT1_2)));
  const n = f32x4.convert_i32x4_s(i32x4.add(e, small));
  const f = f32x4.sub(f32x4.add(m, v128.and(small, m)), f32x4.splat(1));
  const z = f32x4.mul(f, f);
  let p = f32x4.add(f32x4.mul(f, f32x4.splat(7.0376836292e-2)), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, f), z);
  y = f32x4.add(y, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(f, y), f32x4.mul(n, f32x4.splat(0.693359375)));
  // infinity and NaN pass, 0 and what lies below do not
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
}

/** @inline */
export function tanh4(x: v128): v128 {
  const v = f32x4.max(f32x4.min(x, f32x4.splat(7.90531111)), f32x4.splat(-7.90531111));
  const z = f32x4.mul(v, v);
  let p = f32x4.add(f32x4.mul(z, f32x4.splat(-2.76076847742355e-16)), f32x4.splat(2.00018790482477e-13));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-8.60467152213735e-11));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(5.12229709037114e-8));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.48572235717979e-5));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(6.37261928875436e-4));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(4.89352455891786e-3));
  let q = f32x4.add(f32x4.mul(z, f32x4.splat(1.19825839466702e-6)), f32x4.splat(1.18534705686654e-4));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(2.268434632439e-3));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(4.89352518554385e-3));
  return f32x4.div(f32x4.mul(p, v), q);
}

/** @inline */
export function erf4(x: v128): v128 {
  const v = f32x4.max(f32x4.min(x, f32x4.splat(4)), f32x4.splat(-4));
  const z = f32x4.mul(v, v);
  let p = f32x4.add(f32x4.mul(z, f32x4.splat(-2.72614225801306e-10)), f32x4.splat(2.77068142495902e-8));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-2.10102402082508e-6));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.69250639462346e-5));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-7.34990630326855e-4));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-2.95459980854025e-3));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.60960333262415e-2));
  let q = f32x4.add(f32x4.mul(z, f32x4.splat(-1.45660718464996e-5)), f32x4.splat(-2.13374055278905e-4));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-1.68282697438203e-3));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-7.37332916720468e-3));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-1.42647390514189e-2));
  return f32x4.div(f32x4.mul(p, v), q);
}

/** @inline */
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** Sum of the four lanes, pairs first. @inline */
export function sum4(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
