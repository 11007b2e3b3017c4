/** From the bits of a float32 that is no NaN to those of a 16-bit float: to nearest, ties to even, beyond the range to infinity. */

export function float16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x38000000) >>> 13);
  // below 2^−14 there are only multiples of 2^−24
  const away = 126 - (magnitude >>> 23);
  if (away > 25) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const whole = mantissa >>> away;
  const rest = mantissa - whole * 2 ** away;
  const half = 2 ** (away - 1);
  return sign | (whole + (rest > half || (rest === half && whole % 2 === 1) ? 1 : 0));
}

export const bfloat16Bits = (bits: number): number => ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
