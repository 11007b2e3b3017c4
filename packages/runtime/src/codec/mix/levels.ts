/**
 * Integers of a quantized matrix, many of them small: zero or not, the sign, then one by one whether the magnitude goes on, and beyond 14
 * an Exp-Golomb code. What is expected at the place, the activity of row and column and the sizes around are the contexts; where the grid
 * is a trellis, the state tells which of its two quantizers holds.
 */
import type { BinaryCoder } from '../range.js';
import { trellisNext } from '../trellis.js';
import { type int, type ints, leadingZeros } from './ints.js';
import { Mixer } from './mixer.js';
import { largestSize, log, type Surroundings } from './surroundings.js';

/** Magnitudes up to here take a bit each. */
const unary: int = 14;
/** Bits of the unary part, for each quantizer. */
const bins: int = 2 * (unary + 1);
/** Steps of the size of the prediction, relative to what is expected: halves of an octave. */
const predictions: int = 16;
/** First slots of the four contexts, each with its contexts for every bin; then those of signs and of the Exp-Golomb part. */
const byNeighbours: int = 0;
const byRow: int = byNeighbours + bins * 256;
const byBoth: int = byRow + bins * 512;
const byExpected: int = byBoth + bins * 512;
const signs: int = byExpected + bins * 64 * predictions;
const rests: int = signs + 8 * predictions;
const slots: int = rests + 64;

function upTo3(value: int): int {
  const size = value < 0 ? -value : value;
  return size > 3 ? 3 : size;
}

export class Levels {
  private readonly around: Surroundings;
  private readonly mixer: Mixer;
  private trellis: int = 0;
  private state: int = 0;

  constructor(coder: BinaryCoder, around: Surroundings) {
    this.around = around;
    this.mixer = new Mixer(coder, slots, bins, 255, 17);
  }

  /** Begins a matrix; `trellis` is 1 for that grid. */
  start(columns: int, positions: int, trellis: int): void {
    this.around.start(columns, positions, 256);
    this.trellis = trellis;
    this.state = 0;
  }

  /** Codes the next levels of the matrix. */
  code(levels: ints, count: int): void {
    const around = this.around;
    for (let i: int = 0; i < count; i++) {
      around.look();
      const level = this.level(levels[i]!, around.predict());
      levels[i] = level;
      if (this.trellis === 1) this.state = trellisNext[2 * this.state + (level & 1)]!;
      const near = level > largestSize ? largestSize : level < -largestSize ? -largestSize : level;
      around.correct(near);
      around.put(near);
    }
  }

  private level(level: int, prediction: int): int {
    const around = this.around;
    const mixer = this.mixer;
    const size = level < 0 ? -level : level;
    let predicted = (log(prediction < 0 ? -prediction : prediction) - around.expected + 64) >> 3;
    predicted = predicted < 0 ? 0 : predicted >= predictions ? predictions - 1 : predicted;
    const neighbours = (upTo3(around.left) << 6) | (upTo3(around.up) << 4) | (upTo3(around.across) << 2) | upTo3(around.leftmost);
    const row = ((around.rowLog >> 3) << 4) | (around.near >> 4);
    const both = ((around.rowLog >> 3) << 4) | (around.columnLog >> 4);
    const expected = ((around.expected >> 2) << 4) | predicted;

    let found: int = 0;
    let bin: int = this.state & 1;
    while (
      found <= unary &&
      mixer.bit(
        found < size ? 1 : 0,
        bin,
        byNeighbours + (bin << 8) + neighbours,
        byRow + (bin << 9) + row,
        byBoth + (bin << 9) + both,
        byExpected + (bin << 10) + expected,
      ) === 1
    ) {
      found++;
      bin += 2;
    }
    if (found === 0) return 0;
    if (found > unary) found = unary + this.rest(size - unary);
    const sign = signs + ((prediction < 0 ? predictions : 0) + predicted) * 4 + (found > 3 ? 3 : found);
    return mixer.plain(level < 0 ? 1 : 0, sign) === 1 ? -found : found;
  }

  /** A number from 1 in Exp-Golomb: the number of its bits one by one, then what follows its first 1. */
  private rest(value: int): int {
    const wide = 31 - leadingZeros(value);
    let width: int = 0;
    while (width < 24 && this.mixer.plain(width < wide ? 1 : 0, rests + width) === 1) width++;
    let found: int = 1;
    for (let i: int = width - 1; i >= 0; i--) found = 2 * found + this.mixer.raw((value >> i) & 1, 1);
    return found;
  }
}
