/**
 * What is known of an entry of a matrix before it is coded: how large its neighbours are (left in the row, same place in the rows above,
 * same position of the column before), how large entries of its row, column, kernel position and tensor have been, and what the eight
 * entries before it let predict, as kernels are smooth. Entries come in order of rows, columns, positions. Sizes are magnitudes up to 255;
 * means and the prediction count in 1/256, logarithms in 1/16 of an octave.
 */
import { type int, type ints, leadingZeros, newInts } from './ints.js';

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

const moved = (mean: int, size: int, seen: int): int => mean + ((((size << 8) - mean) * rates[seen]! + 16384) >> 15);

/** log2 in sixteenths, 128 for a mean of 1. */
export function log(mean: int): int {
  const m = mean | 1;
  const octave = 31 - leadingZeros(m);
  return (octave << 4) | (((m << 4) >> octave) & 15);
}

const sizeOf = (value: int): int => (value < 0 ? -value : value);

/** Entries from which the next is predicted. */
const taps: int = 8;
/** An error of the prediction counts at most so much. */
const mostError: int = 65535;

export class Surroundings {
  private positions: int = 1;
  private width: int = 0;
  private pad: int = taps;
  /** The row above, overwritten by this row as it is coded; zeros in front. Signed. */
  private above: ints = newInts(1);
  /** Sizes in the row above that. */
  private higher: ints = newInts(1);
  private columnMeans: ints = newInts(1);
  private positionMeans: ints = newInts(mostPositions);
  /** Of the prediction at each position, for the entries from the farthest to the nearest; in 1/65536. They go on from matrix to matrix. */
  private predictor: ints = newInts(taps * mostPositions);
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
  /** Logarithms of the weighted mean of neighbours; of the means of row, column, tensor; of what these let expect. */
  near: int = 0;
  rowLog: int = 0;
  columnLog: int = 0;
  tensorLog: int = 0;
  expected: int = 0;
  /** The next entry as the eight before it predict it. */
  prediction: int = 0;

  /** Begins a matrix whose sizes may have this mean. */
  start(columns: int, positions: int, mean: int): void {
    this.positions = positions;
    this.width = columns * positions;
    this.pad = positions > taps ? positions : taps;
    const length = this.pad + this.width + 1;
    if (this.above.length < length) {
      this.above = newInts(length);
      this.higher = newInts(length);
      this.columnMeans = newInts(length);
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

  /** Looks around the next entry. */
  look(): void {
    const above = this.above;
    const here = this.pad + this.at;
    const position = this.position;
    // where nothing is known of a row, a column or a position, it is like the tensor
    if (this.at === 0) this.rowMean = this.tensorMean;
    if (this.row === 0) {
      if (position === 0) this.columnMeans[this.column] = this.tensorMean;
      if (this.column === 0) this.positionMeans[position] = this.tensorMean;
    }
    this.left = above[here - 1]!;
    this.leftmost = above[here - 2]!;
    this.up = above[here]!;
    this.across = above[here - this.positions]!;
    this.near = log(
      (sizeOf(this.left) * 3 +
        sizeOf(this.leftmost) * 2 +
        sizeOf(above[here - 3]!) +
        sizeOf(this.up) * 3 +
        sizeOf(above[here + 1]!) +
        this.higher[here]! * 2 +
        sizeOf(this.across) * 4) <<
        4,
    );
    this.rowLog = log(this.rowMean);
    this.columnLog = log(this.columnMeans[this.column]!);
    this.tensorLog = log(this.tensorMean);
    const expected = this.rowLog + this.columnLog + log(this.positionMeans[position]!) - 2 * this.tensorLog;
    this.expected = expected < 0 ? 0 : expected > 255 ? 255 : expected;
  }

  /** Predicts the next entry: `prediction`. */
  predict(): void {
    const above = this.above;
    const predictor = this.predictor;
    const from = this.pad + this.at - taps;
    const first = taps * this.position;
    let sum: int = 0;
    for (let i: int = 0; i < taps; i++) sum += predictor[first + i]! * above[from + i]!;
    this.prediction = sum >> 8;
  }

  /** Tells the entry to the predictor, before `put`: a step down the gradient of the squared error, over the energy of the taps. */
  correct(value: int): void {
    const above = this.above;
    const predictor = this.predictor;
    const from = this.pad + this.at - taps;
    const first = taps * this.position;
    let energy: int = 0;
    for (let i: int = 0; i < taps; i++) energy += above[from + i]! * above[from + i]!;
    const scale = 32 - leadingZeros(energy);
    let error = (value << 8) - this.prediction;
    error = 2 * (error > mostError ? mostError : error < -mostError ? -mostError : error);
    const half = (1 << scale) >> 1;
    for (let i: int = 0; i < taps; i++) predictor[first + i] = predictor[first + i]! + ((error * above[from + i]! + half) >> scale);
  }

  /** Tells the entry; its size is at most `largestSize`. */
  put(value: int): void {
    const size = sizeOf(value);
    const here = this.pad + this.at;
    const positions = this.positions;
    const position = this.position;
    const column = this.column;
    const row = this.row;
    this.higher[here] = sizeOf(this.above[here]!);
    this.above[here] = value;
    this.rowMean = moved(this.rowMean, size, this.at < 60 ? this.at + 2 : 62);
    const inColumn = row * positions + position;
    this.columnMeans[column] = moved(this.columnMeans[column]!, size, inColumn < 60 ? inColumn + 2 : 62);
    const inPosition = row > 0 ? 250 : column;
    this.positionMeans[position] = moved(this.positionMeans[position]!, size, inPosition < 250 ? inPosition + 2 : 252);
    this.tensorMean = moved(this.tensorMean, size, this.before < 250 ? this.before + 2 : 252);
    if (this.before < 250) this.before++;
    this.at++;
    if (position + 1 < positions) {
      this.position = position + 1;
      return;
    }
    this.position = 0;
    this.column = column + 1;
    if (this.at < this.width) return;
    this.at = 0;
    this.column = 0;
    if (row < 1024) this.row = row + 1;
  }
}
