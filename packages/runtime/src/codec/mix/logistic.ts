/**
 * Chances and log-odds in integers. Log-odds count in 1/256. The tables come from additions, multiplications and divisions of doubles
 * only, which are the same on every machine.
 */
import { type float, type int, type ints, newInts, toInt } from './ints.js';

/** Log-odds of a final chance lie in ±`mostOdds`. */
export const mostOdds: int = 3071;
/** Log-odds of one opinion lie in ±2047. */
const mostStretch: int = 2047;
/** e^(1/256) */
const step: float = 1.0039138893383475;

function makeSquash(): ints {
  const table = newInts(2 * mostOdds + 1);
  let odds: float = 1;
  for (let x: int = 0; x <= mostOdds; x++) {
    const below = toInt(65536 / (1 + odds));
    table[mostOdds - x] = below < 1 ? 1 : below;
    table[mostOdds + x] = 65536 - table[mostOdds - x]!;
    odds *= step;
  }
  return table;
}

/** Chance of 65536 for log-odds x at index x + mostOdds. */
export const squash: ints = /* @__PURE__ */ makeSquash();

function makeStretch(): ints {
  const table = newInts(4096);
  let x: int = -mostStretch;
  for (let i: int = 0; i < 4096; i++) {
    while (x < mostStretch && squash[x + mostOdds]! < 16 * i + 8) x++;
    table[i] = x;
  }
  return table;
}

/** Its inverse on ±2047: log-odds of the chance (i + 1/2) / 4096 at index i. */
export const stretch: ints = /* @__PURE__ */ makeStretch();
