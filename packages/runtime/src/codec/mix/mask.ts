/** Which entries of a matrix are kept, 1 or 0, under the same contexts as levels: a pruned matrix has rows and columns that are denser. */
import type { BinaryCoder } from '../range.js';
import type { int, ints } from './ints.js';
import { Mixer } from './mixer.js';
import type { Surroundings } from './surroundings.js';

/** The size of a kept entry: means then tell one kept in a thousand. */
const kept: int = 32;
const byExpected: int = 0;
const byRow: int = byExpected + 128;
const byColumn: int = byRow + 512;
const byNeighbours: int = byColumn + 1024;
const byNear: int = byNeighbours + 256;
const bySince: int = byNear + 1024;
const slots: int = bySince + 256;
/** Entries since the last kept one count up to here. */
const longest: int = 255;

export class Mask {
  private readonly around: Surroundings;
  private readonly mixer: Mixer;
  private since: int = 0;

  constructor(coder: BinaryCoder, around: Surroundings) {
    this.around = around;
    this.mixer = new Mixer(coder, slots, 1, 1023);
  }

  start(columns: int, positions: int): void {
    this.around.start(columns, positions, kept * 64);
    this.since = 0;
  }

  /** Codes the next entries of the matrix. */
  code(mask: ints, count: int): void {
    const around = this.around;
    for (let i: int = 0; i < count; i++) {
      around.look();
      const position = around.position > 31 ? 31 : around.position;
      const neighbours = (around.left > 0 ? 8 : 0) | (around.up > 0 ? 4 : 0) | (around.across > 0 ? 2 : 0) | (around.leftmost > 0 ? 1 : 0);
      const bit = this.mixer.bit(
        mask[i]!,
        0,
        byExpected + (around.expected >> 1),
        byRow + (((around.rowLog >> 3) << 4) | (around.near >> 4)),
        byColumn + (((around.columnLog >> 3) << 5) | position),
        byNeighbours + ((neighbours << 4) | (around.tensorLog >> 4)),
        byNear + (((around.near >> 2) << 4) | (around.tensorLog >> 4)),
        bySince + this.since,
      );
      mask[i] = bit;
      this.since = bit === 1 ? 0 : this.since < longest ? this.since + 1 : longest;
      around.put(bit === 1 ? kept : 0);
    }
  }
}
