/**
 * Which entries of a matrix are kept, 1 or 0: under the neighbours, how far back the last kept one is, and how dense row, column, kernel
 * position and tensor have been, as a pruned matrix has rows and columns that are denser.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, leadingZeros } from './ints.js';
import { Mixer } from './mixer.js';
import type { Surroundings } from './surroundings.js';

/** The size of a kept entry: means then tell one kept in a thousand. */
const kept: int = 32;
/** First slots of the four contexts. */
const byNeighbours: int = 0;
const byRow: int = byNeighbours + 256;
const byColumn: int = byRow + 512;
const byExpected: int = byColumn + 1024;
const slots: int = byExpected + 1024;

/** It counts up to here. */
const farthest: int = 1048575;
/** How far back, up to 15 exactly, then in octaves. */
function steps(since: int): int {
  return since < 16 ? since : 43 - leadingZeros(since);
}

export class Mask {
  private readonly around: Surroundings;
  private readonly mixer: Mixer;
  private since: int = 0;

  constructor(coder: BinaryCoder, around: Surroundings) {
    this.around = around;
    this.mixer = new Mixer(coder, slots, 1, 1023, 19);
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
      const neighbours = (around.up > 0 ? 4 : 0) | (around.across > 0 ? 2 : 0) | (around.leftmost > 0 ? 1 : 0);
      const bit = this.mixer.bit(
        mask[i]!,
        0,
        byNeighbours + ((neighbours << 5) | steps(this.since)),
        byRow + (((around.rowLog >> 3) << 4) | (around.near >> 4)),
        byColumn + (((around.columnLog >> 3) << 5) | position),
        byExpected + (((around.expected >> 2) << 4) | (around.near >> 4)),
      );
      mask[i] = bit;
      around.put(bit === 1 ? kept : 0);
      this.since = bit === 1 ? 0 : this.since < farthest ? this.since + 1 : farthest;
    }
  }
}
