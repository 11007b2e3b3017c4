/** Between float32 and int32, and single operations on int32, by number (src/operators/convert.ts). */

function value(f: i32, x: usize): i32 {
  // towards zero, held in the range, NaN to 0
  if (f === 0) return i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load32_splat(x)), 0);
  if (f === 1) return reinterpret<i32>(f32(load<i32>(x)));
  if (f === 2) return i32(load<f32>(x) !== 0);
  const v = load<i32>(x);
  if (f === 3) return i32(v !== 0);
  if (f === 4) return i32(v === 0);
  if (f === 5) return -v;
  if (f === 6) return v < 0 ? -v : v;
  if (f === 7) return i32(v > 0) - i32(v < 0);
  if (f === 8) return (v << 24) >> 24;
  if (f === 9) return v & 255;
  if (f === 10) return (v << 16) >> 16;
  return v & 65535;
}

/** y may be x. */
export function convert(f: i32, x: usize, y: usize, n: i32): void {
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 4, y += 4) store<i32>(y, value(f, x));
}
