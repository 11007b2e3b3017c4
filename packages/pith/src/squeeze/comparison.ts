/** Two versions of one value, compared over samples in constant memory: sums in doubles, added to by each run. */
import type { Tensor } from '../base/tensor.js';
import { brokenBelow } from './targets.js';

export interface ValueFidelity {
  readonly name: string;
  /** Of all elements of all samples. NaN where `broken` says that some are not numbers; 1 where both are zero. */
  readonly cosine: number;
  /** Mean squared error over the variance of the original. */
  readonly error: number;
  readonly maxAbs: number;
  /** Share of rows whose largest element stands at the same place; only of values that look like scores of classes. */
  readonly agreement?: number;
  /** What is wrong beyond a loss of precision. */
  readonly broken?: string;
}

/** A row this long in three dimensions is one of scores: a language model's over its vocabulary. */
const leastVocabulary = 256;

export class Comparison {
  private count = 0;
  private sum = 0;
  private squares = 0;
  private otherSquares = 0;
  private product = 0;
  private squaredError = 0;
  private maxAbs = 0;
  private rows = 0;
  private agreeing = 0;
  private notFinite = 0;
  private otherShapes = 0;
  private runs = 0;

  /** Numbers of type float32 or float64. */
  add(a: Tensor, b: Tensor): void {
    this.runs++;
    if (a.dims.join() !== b.dims.join()) {
      this.otherShapes++;
      return;
    }
    const [x, y] = [a.data as Float32Array, b.data as Float32Array];
    for (let i = 0; i < x.length; i++) {
      const [p, q] = [x[i]!, y[i]!];
      // where the original is no number, nothing can be asked of the other
      if (!Number.isFinite(p)) continue;
      if (!Number.isFinite(q)) {
        this.notFinite++;
        continue;
      }
      this.count++;
      this.sum += p;
      this.squares += p * p;
      this.otherSquares += q * q;
      this.product += p * q;
      this.squaredError += (p - q) * (p - q);
      this.maxAbs = Math.max(this.maxAbs, Math.abs(p - q));
    }
    this.compareRows(a.dims, x, y);
  }

  private compareRows(dims: readonly number[], x: Float32Array, y: Float32Array): void {
    const classes = dims.at(-1) ?? 0;
    if (classes < 2 || !(dims.length === 2 || (dims.length === 3 && classes >= leastVocabulary))) return;
    for (let at = 0; at < x.length; at += classes) {
      this.rows++;
      this.agreeing += largest(x, at, classes) === largest(y, at, classes) ? 1 : 0;
    }
  }

  result(name: string): ValueFidelity {
    const { count } = this;
    const length = Math.sqrt(this.squares) * Math.sqrt(this.otherSquares);
    const cosine = this.squares === this.otherSquares && this.squaredError === 0 ? 1 : length > 0 ? Math.min(1, this.product / length) : 0;
    const variance = Math.max(0, this.squares - (this.sum * this.sum) / (count || 1));
    const scale = variance > this.squares * 1e-12 ? variance : this.squares;
    const broken = this.whatIsBroken(cosine);
    return {
      name,
      cosine: this.notFinite > 0 || this.incomparable ? Number.NaN : cosine,
      error: this.squaredError === 0 ? 0 : this.squaredError / scale,
      maxAbs: this.maxAbs,
      ...(this.rows > 0 ? { agreement: this.agreeing / this.rows } : {}),
      ...(broken === undefined ? {} : { broken }),
    };
  }

  /** Data-dependent shapes differ now and then; where they always do, there is nothing left to compare. */
  private get incomparable(): boolean {
    return this.runs > 0 && this.otherShapes === this.runs;
  }

  private whatIsBroken(cosine: number): string | undefined {
    if (this.notFinite > 0) return `${this.notFinite} elements are NaN or infinite that are finite in the original`;
    if (this.incomparable) return 'its shape is another than that of the original';
    return cosine < brokenBelow ? `a cosine of ${cosine.toPrecision(3)} with the original` : undefined;
  }
}

function largest(row: Float32Array, from: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (row[from + i]! > row[from + best]!) best = i;
  return best;
}
