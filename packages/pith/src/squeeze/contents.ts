/** What the numbers of a float tensor are like, as far as it decides whether they may be rounded. */
import type { Tensor } from '../base/tensor.js';

export interface Contents {
  /** Whether all are numbers, no NaN and no infinity. */
  readonly finite: boolean;
  /** Whether one is so large that rounding it up could overflow: fillers of masks are. */
  readonly huge: boolean;
  /** Whether all are so small that no step is: denormal numbers. */
  readonly tiny: boolean;
  /** How many different values there are, −0 and 0 not the same; undefined above 1,024. */
  readonly distinct: number | undefined;
}

const most = 1024;

/** Bits of the types that are not read as numbers: all ones in the exponent, and what is beyond half of the largest number. */
const halves = {
  float16: { exponent: 0x7c00, huge: 0x7800, tiny: 0 },
  bfloat16: { exponent: 0x7f80, huge: 0x7f00, tiny: 0x0d80 },
} as const;

/** Steps and what they multiply are float32, whatever the type. */
const large = 1e38;
const small = 1e-30;

/** Of a tensor of type float32, float64, float16 or bfloat16. */
export function contentsOf(tensor: Tensor): Contents {
  const { dtype, data } = tensor;
  const seen = new Set<number>();
  const half = dtype === 'float16' || dtype === 'bfloat16' ? halves[dtype] : undefined;
  let finite = true;
  let huge = false;
  let tiny = true;
  let negativeZero = false;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (half) {
      const magnitude = value & 0x7fff;
      finite &&= magnitude < half.exponent;
      huge ||= magnitude >= half.huge;
      tiny &&= magnitude < half.tiny;
    } else {
      finite &&= Number.isFinite(value);
      huge ||= Math.abs(value) > large;
      tiny &&= Math.abs(value) < small;
    }
    negativeZero ||= Object.is(value, -0);
    if (seen.size <= most) seen.add(value);
  }
  const distinct = seen.size + (negativeZero && seen.has(0) ? 1 : 0);
  return { finite, huge, tiny, distinct: distinct <= most ? distinct : undefined };
}
