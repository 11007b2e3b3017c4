/**
 * What is known of an entry of a matrix before it is coded: how large its neighbours are (left in the row, same place in the rows above,
 * same position of the column before), how large entries of its row, column, kernel position and tensor have been, and what the eight
 * entries before it let predict, as kernels are smooth. Entries come in order of rows, columns, positions. Sizes are magnitudes up to 255;
 * means and the prediction count in 1/256, logarithms in 1/16 of an octave.
 */
import { type int, type ints, leadingZeros, newInts, roomFor } from './ints.js';
import { Predictor } from './predictor.js';

export const largestSize: int = 255;
/** The caller folds wider matrices: memory stays bounded. */
export const mostWidth: int = 131072;
export const mostPositions: int = 1024;

function makeRates(): ints {
  const rates = newInts(256);
  for (let n: int = 0; n < 256; n++) rates[n] = (65536 / (2 * n + 3)) | 0;
  return rates;
}
const rates: ints = /* @__PURE__ */ makeRates();

function moved(mean: int, size: int, seen: int): int {
  return mean + ((((size << 8) - mean) * rates[seen]! + 16384) >> 15);
}

/** log2 in sixteenths, 128 for a mean of 1. */
export function log(mean: int): int {
  const m = mean | 1;
  const octave = 31 - leadingZeros(m);
  return (octave << 4) | (((m << 4) >> octave) & 15);
}

function sizeOf(value: int): int {
  return value < 0 ? -value : value;
}

export class Surroundings {
  private positions: int = 1;
  private width: int = 0;
  private pad: int = 4;
  /** The row above, overwritten by this row as it is coded; zeros in front. Signed. */
  private above: ints = newInts(1);
  /** Sizes in the row above that. */
  private higher: ints = newInts(1);
  private columnMeans: ints = newInts(1);
  private positionMeans: ints = newInts(mostPositions);
  private readonly predictor: Predictor = new Predictor(mostPositions);
  private rowMean: int = 0;
  private tensorMean: int = 0;
  private row: int = 0;
  private column: int = 0;
  /** Of the next entry, in its row. */
  private at: int = 0;
  /** Entries before, as far as it matters. */
  private before: int = 0;

  /** The kernel position of the next entry. */
  position: int = 0;
  /** Neighbours, signed: the entry before, the one before that, the one above, the same position of the column before. */
  left: int = 0;
  leftmost: int = 0;
  up: int = 0;
  across: int = 0;
  /** Logarithms of the weighted mean of neighbours; of the means of row and column; of what these, tensor and position let expect. */
  near: int = 0;
  rowLog: int = 0;
  columnLog: int = 0;
  expected: int = 0;
  /** Begins a matrix whose sizes may have this mean. */
  start(columns: int, positions: int, mean: int): void {
    this.positions = positions;
    this.width = columns * positions;
    this.pad = positions > 4 ? positions : 4;
    const length = this.pad + this.width + 1;
    if (this.above.length < length) {
      const room = roomFor(length);
      this.above = newInts(room);
      this.higher = newInts(room);
      this.columnMeans = newInts(room);
    } else {
      this.above.fill(0, 0, length);
      this.higher.fill(0, 0, length);
    }
    this.tensorMean = mean;
    this.rowMean = mean;
    this.row = 0;
    this.column = 0;
    this.position = 0;
    this.at = 0;
    this.before = 0;
  }

  /** Predicts the next entry, in 1/256, before it is looked around. */
  predict(): int {
    if (this.at === 0) this.predictor.restart();
    return this.predictor.predict(this.position);
  }

  /** Tells the entry to the predictor, before `put`. */
  correct(value: int): void {
    this.predictor.correct(this.position, value);
  }

  /** Looks around the next entry. @inline */
  look(): void {
    const above = this.above;
    const here = this.pad + this.at;
    const position = this.position;
    const column = this.column;
    const tensorMean = this.tensorMean;
    // where nothing is known of a row, a column or a position, it is like the tensor
    if (this.at === 0) this.rowMean = tensorMean;
    if (this.row === 0) {
      if (position === 0) this.columnMeans[column] = tensorMean;
      if (column === 0) this.positionMeans[position] = tensorMean;
    }
    const left = above[here - 1]!;
    const leftmost = above[here - 2]!;
    const up = above[here]!;
    const across = above[here - this.positions]!;
    const beside = 3 * (sizeOf(left) + sizeOf(up)) + 2 * (sizeOf(leftmost) + this.higher[here]!) + 4 * sizeOf(across);
    const rowLog = log(this.rowMean);
    const columnLog = log(this.columnMeans[column]!);
    const tensorLog = log(tensorMean);
    const expected = rowLog + columnLog + log(this.positionMeans[position]!) - 2 * tensorLog;
    this.left = left;
    this.leftmost = leftmost;
    this.up = up;
    this.across = across;
    this.near = log((beside + sizeOf(above[here - 3]!) + sizeOf(above[here + 1]!)) << 4);
    this.rowLog = rowLog;
    this.columnLog = columnLog;
    this.expected = expected < 0 ? 0 : expected > 255 ? 255 : expected;
  }

  /** Tells the entry; its size is at most `largestSize`. @inline */
  put(value: int): void {
    const above = this.above;
    const columnMeans = this.columnMeans;
    const positionMeans = this.positionMeans;
    const position = this.position;
    const column = this.column;
    const row = this.row;
    const at = this.at;
    const before = this.before;
    const size = sizeOf(value);
    const here = this.pad + at;
    this.higher[here] = sizeOf(above[here]!);
    above[here] = value;
    const inColumn = row * this.positions + position;
    const inPosition = row > 0 ? 250 : column;
    this.rowMean = moved(this.rowMean, size, at < 60 ? at + 2 : 62);
    columnMeans[column] = moved(columnMeans[column]!, size, inColumn < 60 ? inColumn + 2 : 62);
    positionMeans[position] = moved(positionMeans[position]!, size, inPosition < 250 ? inPosition + 2 : 252);
    this.tensorMean = moved(this.tensorMean, size, before < 250 ? before + 2 : 252);
    if (before < 250) this.before = before + 1;
    this.at = at + 1;
    if (position + 1 < this.positions) {
      this.position = position + 1;
      return;
    }
    this.position = 0;
    this.column = column + 1;
    if (at + 1 < this.width) return;
    this.at = 0;
    this.column = 0;
    if (row < 1024) this.row = row + 1;
  }
}
