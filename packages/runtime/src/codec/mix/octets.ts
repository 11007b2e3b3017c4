/**
 * Bytes of numbers of one width: of each number the highest byte first, each byte a tree under the bytes above it in the number and under
 * the same byte of the numbers before and above.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, newInts, roomFor } from './ints.js';
import { Mixer } from './mixer.js';
import { shared, slotOf } from './slots.js';

/** A number has at most so many bytes. */
const mostWide: int = 16;

export class Octets {
  private readonly mixer: Mixer;
  private wide: int = 1;
  private width: int = 1;
  private at: int = 0;
  /** The row above, overwritten by this row. */
  private above: ints = newInts(1);
  private before: ints = newInts(mostWide);

  constructor(coder: BinaryCoder) {
    this.mixer = new Mixer(coder, 4 * shared, mostWide, 127, 17);
  }

  /** Begins rows of `width` bytes, `wide` of them to a number. */
  start(wide: int, width: int): void {
    this.wide = wide;
    this.width = width;
    if (this.above.length < width) this.above = newInts(roomFor(width));
    else this.above.fill(0, 0, width);
    this.before.fill(0);
    this.at = 0;
  }

  /** Codes the next bytes, the highest of a number first. */
  code(bytes: ints, count: int): void {
    const mixer = this.mixer;
    const above = this.above;
    for (let i: int = 0; i < count; i++) {
      const plane = this.at % this.wide;
      const before = this.before[plane]!;
      const up = above[this.at]!;
      const higher = plane > 0 ? above[this.at - 1]! : 0;
      const byte = bytes[i]!;
      let node: int = 1;
      for (let k: int = 7; k >= 0; k--) {
        const bit = mixer.bit(
          (byte >> k) & 1,
          plane,
          slotOf(0, plane, node),
          slotOf(1, (before << 4) | plane, node),
          slotOf(2, (up << 4) | plane, node),
          slotOf(3, (((before << 8) | higher) << 4) | plane, node),
        );
        node = 2 * node + bit;
      }
      const found = node - 256;
      bytes[i] = found;
      above[this.at] = found;
      this.before[plane] = found;
      this.at = this.at + 1 < this.width ? this.at + 1 : 0;
    }
  }
}
