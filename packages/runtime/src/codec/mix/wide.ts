/**
 * One bit under many opinions: what mixer.ts does with four slots, with as many as there are contexts, and with a chance to begin with. What
 * comes of it is halved with what such chances have meant in one more context (Mahoney, "Adaptive Weighing of Context Models", 2005). For
 * arrays of some thousand entries, where what is known from the start counts.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, newInts } from './ints.js';
import { mostOdds, squash, stretch } from './logistic.js';
import { countMask, learned } from './mixer.js';

/** Slots of one context. */
const slotsEach: int = 4096;
const limit: int = 255;
/** Weights move by 2^-13 of error times input at first; the exponent grows by one in 256 bits. */
const firstRate: int = 13;
const lastRate: int = 16;
/** Log-odds are told apart in so many steps of one, with knots between them; a knot moves by 2^-6 of the error. */
const steps: int = 24;
const knots: int = steps + 1;
const knotRate: int = 6;

export class Wide {
  private readonly coder: BinaryCoder;
  private readonly opinions: int;
  private readonly slots: ints;
  private readonly weights: ints;
  /** How many bits each set of weights has seen. */
  private readonly seen: ints;
  private readonly inputs: ints;
  /** Where the contexts of the next bit stand, each in its own slots: filled in by the caller. */
  readonly at: ints;

  /** What chances have meant: the knots of each meaning. */
  private readonly meanings: ints;

  /** `first`: the weight of each opinion at first, in 1/65536. `meanings`: the contexts of what chances mean. */
  constructor(coder: BinaryCoder, opinions: int, sets: int, first: int, meanings: int) {
    this.coder = coder;
    this.opinions = opinions;
    this.slots = newInts(opinions * slotsEach);
    const weights = newInts(sets * opinions);
    weights.fill(first);
    this.weights = weights;
    this.seen = newInts(sets);
    this.inputs = newInts(opinions);
    this.at = newInts(opinions);
    this.meanings = newInts(meanings * knots);
    for (let i: int = 0; i < meanings; i++)
      for (let k: int = 0; k < knots; k++) {
        const odds = 256 * k - 128 * steps;
        const held = odds > mostOdds ? mostOdds : odds < -mostOdds ? -mostOdds : odds;
        this.meanings[i * knots + k] = squash[held + mostOdds]!;
      }
  }

  /** Tells a slot of the first context what to think before it has seen anything: a chance − 1/2 in 1/65536, as if seen `count` times. */
  begin(slot: int, chance: int, count: int): void {
    this.slots[slot] = (chance << 16) | count;
  }

  /** Codes a bit with the weights of a set, and under a meaning. A slot that has seen nothing has the opinion of the first. */
  bit(bit: int, set: int, meaning: int): int {
    const opinions = this.opinions;
    const slots = this.slots;
    const at = this.at;
    const inputs = this.inputs;
    const weights = this.weights;
    const w = set * opinions;
    const base = slots[at[0]!]! & ~countMask;
    let sum: int = 0;
    for (let i: int = 0; i < opinions; i++) {
      const here = i * slotsEach + at[i]!;
      if ((slots[here]! & countMask) === 0) slots[here] = base;
      const x = stretch[(slots[here]! >> 20) + 2048]!;
      inputs[i] = x;
      sum += (weights[w + i]! * x) >> 8;
    }
    let odds = sum >> 8;
    odds = odds > mostOdds ? mostOdds : odds < -mostOdds ? -mostOdds : odds;
    const chance = squash[odds + mostOdds]!;
    const meanings = this.meanings;
    const knot = meaning * knots + ((odds + 128 * steps) >> 8);
    const beyond = odds & 255;
    const low = meanings[knot]!;
    const high = meanings[knot + 1]!;
    const meant = (low * (256 - beyond) + high * beyond) >> 8;
    const coded = this.coder.bit(bit, (chance + meant) >> 1);

    const towards = coded === 1 ? 65535 : 1;
    const rounding = 128 << knotRate;
    meanings[knot] = low + (((towards - low) * (256 - beyond) + rounding) >> (8 + knotRate));
    meanings[knot + 1] = high + (((towards - high) * beyond + rounding) >> (8 + knotRate));
    const error = (coded << 16) - chance;
    const count = this.seen[set]!;
    const rate = firstRate + (count >> 8);
    if (rate < lastRate) this.seen[set] = count + 1;
    const half = 1 << (rate - 1);
    for (let i: int = 0; i < opinions; i++) {
      weights[w + i] = weights[w + i]! + ((inputs[i]! * error + half) >> rate);
      const here = i * slotsEach + at[i]!;
      slots[here] = learned(slots[here]!, coded, limit);
    }
    return coded;
  }
}
