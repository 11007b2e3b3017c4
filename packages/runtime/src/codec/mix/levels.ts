/**
 * Integers of a quantized matrix, many of them small: zero or not, the sign, then one by one whether the magnitude goes on, and beyond 14
 * an Exp-Golomb code. What is expected at the place, the activity of row and column and the sizes around are the contexts; where the grid
 * is a trellis, the state tells which of its two quantizers holds.
 */
import type { BinaryCoder } from '../range.js';
import { trellisNext } from '../trellis.js';
import type { int, ints } from './ints.js';
import { Mixer } from './mixer.js';
import { largestSize, log, type Surroundings } from './surroundings.js';

/** Magnitudes up to here take a bit each. */
const unary: int = 14;
/** Slots of one context and quantizer, next to each other: one for each bit of the unary part, and one to spare. */
const bins: int = unary + 2;
/** Steps of the size of the prediction, relative to what is expected: halves of an octave. */
const predictions: int = 16;
/** Numbers of the first of each of four kinds of context; each has slots for both quantizers. */
const byNeighbours: int = 0;
const byRow: int = byNeighbours + 256;
const byBoth: int = byRow + 512;
const byExpected: int = byBoth + 512;
/** First slots of signs and of the Exp-Golomb part. */
const signs: int = (byExpected + 64 * predictions) * 2 * bins;
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
    this.mixer = new Mixer(coder, slots, 2 * bins, 255, 17);
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

  /** Codes one level. @inline */
  private level(level: int, prediction: int): int {
    const around = this.around;
    const mixer = this.mixer;
    const size = level < 0 ? -level : level;
    let predicted = (log(prediction < 0 ? -prediction : prediction) - around.expected + 64) >> 3;
    predicted = predicted < 0 ? 0 : predicted >= predictions ? predictions - 1 : predicted;
    const sides = (upTo3(around.left) << 6) | (upTo3(around.up) << 4) | (upTo3(around.across) << 2) | upTo3(around.leftmost);
    const row = (around.rowLog >> 3) << 4;
    const set = (this.state & 1) * bins;
    const neighbours = (byNeighbours + sides) * 2 * bins + set;
    const inRow = (byRow + (row | (around.near >> 4))) * 2 * bins + set;
    const both = (byBoth + (row | (around.columnLog >> 4))) * 2 * bins + set;
    const expected = (byExpected + (((around.expected >> 2) << 4) | predicted)) * 2 * bins + set;

    let found: int = 0;
    while (
      found <= unary &&
      mixer.bit(found < size ? 1 : 0, set + found, neighbours + found, inRow + found, both + found, expected + found) === 1
    )
      found++;
    if (found === 0) return 0;
    if (found > unary) found = unary + mixer.beyond(size - unary, rests);
    const sign = signs + ((prediction < 0 ? predictions : 0) + predicted) * 4 + (found > 3 ? 3 : found);
    return mixer.plain(level < 0 ? 1 : 0, sign) === 1 ? -found : found;
  }
}
