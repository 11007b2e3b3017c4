/**
 * Floats bit for bit: exponent, mantissa and sign in turn. The exponent is a tree under the exponents before, above and usual in row and
 * column; the upper bits of the mantissa are a tree under the exponent; each lower bit is under the same bit of the floats before and
 * above and under the bits in front of it, so that zeros and repeated values cost little.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, newInts, roomFor } from './ints.js';
import { Mixer } from './mixer.js';
import { shared, slotOf } from './slots.js';

/** Mantissa bits that form a tree. */
const upperBits: int = 8;
/** Sets of weights: one for each depth of the tree, then one for each lower bit. */
const mantissaSets: int = 32;

export class Floats {
  private readonly exponents: Mixer;
  private readonly mantissas: Mixer;
  private readonly signs: Mixer;
  private exponentBits: int = 8;
  private mantissaBits: int = 23;
  private width: int = 1;
  private at: int = 0;
  private before: int = 0;
  /** The row above, overwritten by this row. */
  private above: ints = newInts(1);
  /** Means of exponents, in 1/16. */
  private rowMean: int = 0;
  private columnMeans: ints = newInts(1);

  constructor(coder: BinaryCoder) {
    this.exponents = new Mixer(coder, 4 * shared, 8, 255, 18);
    this.mantissas = new Mixer(coder, 4 * shared, mantissaSets, 1023, 18);
    this.signs = new Mixer(coder, 4, 1, 255, 18);
  }

  /** Begins rows of `width` floats with so many bits of exponent and mantissa. */
  start(width: int, exponentBits: int, mantissaBits: int): void {
    this.width = width;
    this.exponentBits = exponentBits;
    this.mantissaBits = mantissaBits;
    if (this.above.length < width) {
      const room = roomFor(width);
      this.above = newInts(room);
      this.columnMeans = newInts(room);
    } else {
      this.above.fill(0, 0, width);
      this.columnMeans.fill(0, 0, width);
    }
    this.at = 0;
    this.before = 0;
    this.rowMean = 0;
  }

  /** Codes the next floats, each as its bits in the lower end of an integer. */
  code(floats: ints, count: int): void {
    const mantissaBits = this.mantissaBits;
    const signAt = this.exponentBits + mantissaBits;
    for (let i: int = 0; i < count; i++) {
      const float = floats[i]!;
      const up = this.above[this.at]!;
      const exponent = this.exponent(this.exponentOf(float), this.exponentOf(up));
      const mantissa = this.mantissa(float & ((1 << mantissaBits) - 1), exponent, up);
      const contexts = (((this.before >>> signAt) & 1) << 1) | ((up >>> signAt) & 1);
      const sign = this.signs.plain((float >>> signAt) & 1, contexts);
      const found = (((sign << this.exponentBits) | exponent) << mantissaBits) | mantissa;
      floats[i] = found;
      this.before = found;
      this.above[this.at] = found;
      this.at = this.at + 1 < this.width ? this.at + 1 : 0;
    }
  }

  private exponentOf(float: int): int {
    return (float >>> this.mantissaBits) & ((1 << this.exponentBits) - 1);
  }

  private exponent(exponent: int, up: int): int {
    const before = this.exponentOf(this.before);
    const column = this.columnMeans[this.at]!;
    let node: int = 1;
    for (let i: int = this.exponentBits - 1; i >= 0; i--) {
      const bit = this.exponents.bit(
        (exponent >> i) & 1,
        i,
        slotOf(0, 0, node),
        slotOf(1, this.rowMean >> 2, node),
        slotOf(2, column >> 2, node),
        slotOf(3, (before << 8) | up, node),
      );
      node = 2 * node + bit;
    }
    const found = node - (1 << this.exponentBits);
    this.rowMean = this.at === 0 ? found << 4 : this.rowMean + (((found << 4) - this.rowMean) >> 3);
    this.columnMeans[this.at] = column === 0 ? found << 4 : column + (((found << 4) - column) >> 2);
    return found;
  }

  private mantissa(mantissa: int, exponent: int, up: int): int {
    const mixer = this.mantissas;
    const width = this.mantissaBits;
    const lower = width > upperBits ? width - upperBits : 0;
    const before = this.before;
    let found: int = 1;
    for (let i: int = width - 1; i >= lower; i--) {
      const bit = mixer.bit(
        (mantissa >> i) & 1,
        width - 1 - i,
        slotOf(0, 0, found),
        slotOf(1, exponent, found),
        slotOf(2, (before >>> lower) & 65535, found),
        slotOf(3, (up >>> lower) & 65535, found),
      );
      found = 2 * found + bit;
    }
    for (let i: int = lower - 1; i >= 0; i--) {
      const left = (before >>> i) & 1;
      const high = (up >>> i) & 1;
      const asBefore = found - (1 << (width - 1 - i)) === (before & ((1 << width) - 1)) >>> (i + 1) ? 1 : 0;
      const asAbove = found - (1 << (width - 1 - i)) === (up & ((1 << width) - 1)) >>> (i + 1) ? 1 : 0;
      const zeros = (found & ((1 << (lower - 1 - i)) - 1)) === 0 ? 1 : 0;
      const bit = mixer.bit(
        (mantissa >> i) & 1,
        upperBits + i,
        slotOf(0, 0, i),
        slotOf(1, found, exponent),
        slotOf(2, (asBefore << 2) | (left << 1) | zeros, i),
        slotOf(3, (asAbove << 2) | (high << 1) | zeros, i),
      );
      found = 2 * found + bit;
    }
    return found - (1 << width);
  }
}
