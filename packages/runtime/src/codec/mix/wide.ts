/**
 * One bit under many opinions: what mixer.ts does with four slots, with as many as there are contexts, and with a chance to begin with. For
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

  /** `first`: the weight of each opinion at first, in 1/65536. */
  constructor(coder: BinaryCoder, opinions: int, sets: int, first: int) {
    this.coder = coder;
    this.opinions = opinions;
    this.slots = newInts(opinions * slotsEach);
    const weights = newInts(sets * opinions);
    weights.fill(first);
    this.weights = weights;
    this.seen = newInts(sets);
    this.inputs = newInts(opinions);
    this.at = newInts(opinions);
  }

  /** Tells a slot of the first context what to think before it has seen anything: a chance − 1/2 in 1/65536, as if seen `count` times. */
  begin(slot: int, chance: int, count: int): void {
    this.slots[slot] = (chance << 16) | count;
  }

  /** Codes a bit with the weights of a set. A slot that has seen nothing has the opinion of the first. */
  bit(bit: int, set: int): int {
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
    const coded = this.coder.bit(bit, chance);

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
