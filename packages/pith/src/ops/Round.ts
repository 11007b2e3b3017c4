/** The nearest whole number; halves go to the even one. */
import { flat, unary } from './pointwise.js';

function halfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

export const Round = unary('Round', halfToEven, flat);
