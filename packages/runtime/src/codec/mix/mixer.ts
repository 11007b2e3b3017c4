/**
 * One bit under four opinions. A slot holds what was seen of bits in one context: a chance and how often it was met. The log-odds of four
 * slots are added with weights (Mahoney, "Adaptive Weighing of Context Models", 2005); the sum is the chance by which the bit is coded.
 * Then each slot moves towards the bit, the less the more it has seen, and the weights move to where the error was.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, leadingZeros, newInts } from './ints.js';
import { mostOdds, squash, stretch } from './logistic.js';

/** A slot is (chance − 1/2) · 2^32 with the count in the lowest ten bits: fresh memory is slots that know nothing. */
export const countMask: int = 1023;
const mostChance: int = 2097151;
const opinions: int = 4;
/** Weights count in 1/65536. */
const firstWeight: int = 24000;
/** Weights move by 2^-14 of error times input at first; the exponent grows by one in 256 bits, up to `lastRate`. */
const firstRate: int = 14;

function makeRates(): ints {
  const rates = newInts(countMask + 1);
  for (let n: int = 0; n <= countMask; n++) rates[n] = (16384 / (2 * n + 3)) | 0;
  return rates;
}
const rates: ints = /* @__PURE__ */ makeRates();

/** A slot after a bit. @inline */
export function learned(slot: int, bit: int, limit: int): int {
  const count = slot & countMask;
  const away = (bit === 1 ? mostChance : -mostChance - 1) - (slot >> 10);
  const moved = (slot & ~countMask) + (((away >> 3) * rates[count]!) & ~countMask);
  return moved | (count < limit ? count + 1 : count);
}

export class Mixer {
  private readonly coder: BinaryCoder;
  private readonly slots: ints;
  private readonly weights: ints;
  /** How many bits each set of weights has seen. */
  private readonly seen: ints;
  /** A slot adapts more slowly until it was met so often. */
  private readonly limit: int;
  private readonly lastRate: int;

  constructor(coder: BinaryCoder, slots: int, sets: int, limit: int, lastRate: int) {
    this.coder = coder;
    this.slots = newInts(slots);
    const weights = newInts(sets * opinions);
    weights.fill(firstWeight);
    this.weights = weights;
    this.seen = newInts(sets);
    this.limit = limit;
    this.lastRate = lastRate;
  }

  /** Codes a bit under one slot alone. @inline */
  plain(bit: int, at: int): int {
    const slot = this.slots[at]!;
    const chance = (slot >> 16) + 32768;
    const coded = this.coder.bit(bit, chance < 32 ? 32 : chance > 65504 ? 65504 : chance);
    this.slots[at] = learned(slot, coded, this.limit);
    return coded;
  }

  /** Codes a bit under slots a … d with the weights of a set. A slot that has seen nothing has the opinion of slot a. @inline */
  bit(bit: int, set: int, a: int, b: int, c: int, d: int): int {
    const slots = this.slots;
    const sa = slots[a]!;
    const base = sa & ~countMask;
    let sb = slots[b]!;
    let sc = slots[c]!;
    let sd = slots[d]!;
    if ((sb & countMask) === 0) sb = base;
    if ((sc & countMask) === 0) sc = base;
    if ((sd & countMask) === 0) sd = base;
    const xa = stretch[(sa >> 20) + 2048]!;
    const xb = stretch[(sb >> 20) + 2048]!;
    const xc = stretch[(sc >> 20) + 2048]!;
    const xd = stretch[(sd >> 20) + 2048]!;

    const weights = this.weights;
    const w = set * opinions;
    const wa = weights[w]!;
    const wb = weights[w + 1]!;
    const wc = weights[w + 2]!;
    const wd = weights[w + 3]!;
    let odds = (wa * xa + wb * xb + wc * xc + wd * xd) >> 16;
    odds = odds > mostOdds ? mostOdds : odds < -mostOdds ? -mostOdds : odds;
    const chance = squash[odds + mostOdds]!;
    const coded = this.coder.bit(bit, chance);

    const error = (coded << 16) - chance;
    const count = this.seen[set]!;
    const rate = firstRate + (count >> 8);
    if (rate < this.lastRate) this.seen[set] = count + 1;
    const half = 1 << (rate - 1);
    weights[w] = wa + ((xa * error + half) >> rate);
    weights[w + 1] = wb + ((xb * error + half) >> rate);
    weights[w + 2] = wc + ((xc * error + half) >> rate);
    weights[w + 3] = wd + ((xd * error + half) >> rate);
    const limit = this.limit;
    slots[a] = learned(sa, coded, limit);
    slots[b] = learned(sb, coded, limit);
    slots[c] = learned(sc, coded, limit);
    slots[d] = learned(sd, coded, limit);
    return coded;
  }

  /** A number from 1 in Exp-Golomb: the number of its bits one by one from slot `first` on, then what follows its first 1. */
  beyond(value: int, first: int): int {
    const wide = 31 - leadingZeros(value);
    let width: int = 0;
    while (width < 24 && this.plain(width < wide ? 1 : 0, first + width) === 1) width++;
    let found: int = 1;
    for (let i: int = width - 1; i >= 0; i--) found = 2 * found + this.raw((value >> i) & 1, 1);
    return found;
  }

  raw(value: int, width: int): int {
    return this.coder.raw(value, width);
  }
}
