/**
 * What the eight entries before one in a row let predict of it: at each kernel position a linear filter of its own, as kernels are
 * smooth, moved after each entry down the gradient of the squared error (normalized least mean squares: Nagumo and Noda, 1967).
 */
import { type int, type ints, leadingZeros, newInts } from './ints.js';

/** Entries from which the next is predicted. */
const taps: int = 8;
/** An error of the prediction counts at most so much, in 1/256. */
const mostError: int = 65535;

export class Predictor {
  /** Of each position, for the entries from the farthest to the nearest; in 1/65536. They go on from matrix to matrix. */
  private readonly weights: ints;
  /** The entries before, in the same order. */
  private readonly window: ints = newInts(taps);
  private prediction: int = 0;

  constructor(positions: int) {
    this.weights = newInts(taps * positions);
  }

  /** A row begins: nothing is before its first entry. */
  restart(): void {
    this.window.fill(0);
  }

  /** The next entry, in 1/256. */
  predict(position: int): int {
    const weights = this.weights;
    const window = this.window;
    const first = taps * position;
    let sum: int = 0;
    for (let i: int = 0; i < taps; i++) sum += weights[first + i]! * window[i]!;
    this.prediction = sum >> 8;
    return this.prediction;
  }

  /** Tells what the entry that was predicted last is. */
  correct(position: int, value: int): void {
    const weights = this.weights;
    const window = this.window;
    const first = taps * position;
    let energy: int = 0;
    for (let i: int = 0; i < taps; i++) energy += window[i]! * window[i]!;
    const scale = 32 - leadingZeros(energy);
    const half = (1 << scale) >> 1;
    const away = (value << 8) - this.prediction;
    const error = 2 * (away > mostError ? mostError : away < -mostError ? -mostError : away);
    for (let i: int = 0; i < taps; i++) weights[first + i] = weights[first + i]! + ((error * window[i]! + half) >> scale);
    for (let i: int = 1; i < taps; i++) window[i - 1] = window[i]!;
    window[taps - 1] = value;
  }
}
