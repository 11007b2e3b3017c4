/** Whole numbers below 2^32 for headers, counts and steps: how many bits, by a tree; then the bits after the first, the upper two adaptive. */
import type { BinaryCoder } from '../range.js';
import { type int, leadingZeros } from './ints.js';
import { Mixer } from './mixer.js';

/** Kinds of number that learn apart from each other. */
export const numberKinds: int = 32;
const lengthSlots: int = 64;
const upperSlots: int = 33 * 4;
const slotsOfKind: int = lengthSlots + upperSlots;

export class Numbers {
  private readonly mixer: Mixer;

  constructor(coder: BinaryCoder) {
    this.mixer = new Mixer(coder, numberKinds * slotsOfKind, 1, 30, 14);
  }

  /** Numbers from 2^31 are negative here: the same 32 bits. */
  code(value: int, kind: int): int {
    const first = kind * slotsOfKind;
    const bits = 32 - leadingZeros(value);
    let node: int = 1;
    for (let i: int = 5; i >= 0; i--) node = 2 * node + this.mixer.plain((bits >> i) & 1, first + node);
    const width = node - 64;
    if (width === 0) return 0;
    // a tree of six bits has room for more than there are
    let found: int = 1;
    const upper = first + lengthSlots + (width > 32 ? 32 : width) * 4;
    for (let i: int = (width > 32 ? 32 : width) - 2; i >= 0; i--) {
      const bit = (value >>> i) & 1;
      found = (found << 1) | (found < 4 ? this.mixer.plain(bit, upper + found) : this.mixer.raw(bit, 1));
    }
    return found;
  }
}
