/**
 * The levels of one row of a weight matrix, chosen together: of all walks through the trellis the one with the least error and bits, each
 * survivor carrying the errors it has made, so that it knows what its later weights have to make good (Viterbi, 1967; sequence coding of
 * levels as in trellis-coded quantization, Marcellin and Fischer, 1990). A grid of one state makes it rate–distortion optimized scalar
 * quantization with error feedback.
 */
import { trellisNext } from 'pith-runtime';
import type { Rates } from './rates.js';

/** Decisions older than one to two blocks are taken for good: all survivors agree on them but in rare cases. */
const block = 32;
const windowSize = 2 * block;
const most = 8;

export interface RowProblem {
  /** Weights to come near to, in the order of coding; changed in place by the feedback. The bias may follow as one more. */
  readonly target: Float64Array;
  /** How many of them get a level. */
  readonly width: number;
  /** Step of each weight: of a level on the scalar grid, of half a level on the trellis. */
  readonly steps: Float64Array;
  /** What a squared error of each costs, in units of λ bits. */
  readonly costs: Float64Array;
  /** Transposed feedback: row j holds by how much an error in each earlier weight moves weight j. Null: by nothing. */
  readonly feedback: Float64Array | null;
  /** Row length of `feedback`. */
  readonly stride: number;
  /** 1: the weight stays zero. Null: none has to. */
  readonly zeros: Uint8Array | null;
  /** `Rates.above` of each weight. */
  readonly above: Uint8Array;
}

export interface RowResult {
  readonly levels: Int32Array;
  /** What was aimed at, less what the level stands for; the feedback of earlier errors counted in. */
  readonly errors: Float64Array;
}

export class RowSearch {
  /** State of the trellis after the last row. */
  state = 0;
  private readonly states: number;
  private readonly unit: number;
  private readonly rates: Rates;
  private readonly lambda: number;
  private cost = new Float64Array(most);
  private nextCost = new Float64Array(most);
  private before = new Int32Array(most);
  private nextBefore = new Int32Array(most);
  private beforeThat = new Int32Array(most);
  private nextBeforeThat = new Int32Array(most);
  private errors = new Float64Array(most * windowSize);
  private nextErrors = new Float64Array(most * windowSize);
  private parents = new Uint8Array(0);
  private choices = new Int32Array(0);
  private misses = new Float64Array(0);

  constructor(grid: 'scalar' | 'trellis', rates: Rates, lambda: number) {
    this.states = grid === 'trellis' ? most : 1;
    this.unit = grid === 'trellis' ? 2 : 1;
    this.rates = rates;
    this.lambda = lambda;
  }

  run(row: RowProblem): RowResult {
    const { width } = row;
    const { states } = this;
    if (this.parents.length < width * states) {
      this.parents = new Uint8Array(width * states);
      this.choices = new Int32Array(width * states);
      this.misses = new Float64Array(width * states);
    }
    const result: RowResult = { levels: new Int32Array(width), errors: new Float64Array(width) };
    this.cost.fill(Infinity);
    this.cost[this.state] = 0;
    this.before.fill(0);
    this.beforeThat.fill(0);
    let start = 0;
    for (let i = 0; i < width; i++) {
      this.step(row, i, start);
      if (i + 1 - start < windowSize || i + 1 === width) continue;
      this.commit(row, result, start, i);
      start += block;
    }
    let best = 0;
    for (let s = 1; s < states; s++) if (this.cost[s]! < this.cost[best]!) best = s;
    if (width > 0) {
      this.trace(best, width - 1, start, result);
      this.state = best;
    }
    moveLater(row, result.errors, start, width, width);
    return result;
  }

  /** One weight: from each living state the two nearest levels, and zero; into each state the cheapest way. */
  private step(row: RowProblem, i: number, start: number): void {
    const { states, unit, cost, nextCost, rates, lambda, parents, choices, misses } = this;
    const feedback = row.feedback;
    const from = i * row.stride;
    const size = row.steps[i]!;
    const price = row.costs[i]! * size * size;
    const above = row.above[i]!;
    const onlyZero = row.zeros !== null && row.zeros[i] === 1;
    nextCost.fill(Infinity);
    for (let s = 0; s < states; s++) {
      const so = cost[s]!;
      if (so === Infinity) continue;
      let target = row.target[i]!;
      if (feedback) for (let j = start, e = s * windowSize; j < i; j++, e++) target -= this.errors[e]! * feedback[from + j]!;
      const odd = states > 1 ? s & 1 : 0;
      const aim = target / size;
      const far = aim < 0 ? -aim : aim;
      const sign = aim < 0 ? -1 : 1;
      const context = rates.context(odd, this.before[s]!, this.beforeThat[s]!, above);
      const low = onlyZero ? 0 : Math.floor((far + odd) / unit);
      for (let pick = 0; pick < 3; pick++) {
        const k = pick < 2 ? low + pick : 0;
        if ((pick === 1 && onlyZero) || (pick === 2 && low === 0)) break;
        const miss = far - (k > 0 ? unit * k - odd : 0);
        const sum = so + price * miss * miss + lambda * rates.bits(context, k);
        const to = states > 1 ? trellisNext[2 * s + (k & 1)]! : 0;
        if (sum >= nextCost[to]!) continue;
        nextCost[to] = sum;
        const at = i * states + to;
        parents[at] = s;
        choices[at] = sign * k;
        misses[at] = sign * miss * size;
      }
    }
    for (let t = 0; t < states; t++) {
      if (nextCost[t] === Infinity) continue;
      const at = i * states + t;
      const s = parents[at]!;
      this.nextBefore[t] = Math.abs(choices[at]!);
      this.nextBeforeThat[t] = this.before[s]!;
      const to = t * windowSize;
      for (let j = 0, e = s * windowSize; j < i - start; j++) this.nextErrors[to + j] = this.errors[e + j]!;
      this.nextErrors[to + i - start] = misses[at]!;
    }
    [this.cost, this.nextCost] = [nextCost, cost];
    [this.before, this.nextBefore] = [this.nextBefore, this.before];
    [this.beforeThat, this.nextBeforeThat] = [this.nextBeforeThat, this.beforeThat];
    [this.errors, this.nextErrors] = [this.nextErrors, this.errors];
  }

  /** Decides the older block by the best survivor; those that came another way end, and the row behind the window learns of the errors. */
  private commit(row: RowProblem, result: RowResult, start: number, last: number): void {
    const { states, cost } = this;
    let best = 0;
    for (let s = 1; s < states; s++) if (cost[s]! < cost[best]!) best = s;
    const boundary = start + block;
    const way = this.ancestor(best, last, boundary);
    for (let s = 0; s < states; s++) if (cost[s] !== Infinity && this.ancestor(s, last, boundary) !== way) cost[s] = Infinity;
    this.trace(way, boundary - 1, start, result);
    moveLater(row, result.errors, start, boundary, last + 1);
    for (let s = 0; s < states; s++) this.errors.copyWithin(s * windowSize, s * windowSize + block, (s + 1) * windowSize);
  }

  /** The state before weight `boundary` of the survivor that ends in `state` after weight `last`. */
  private ancestor(state: number, last: number, boundary: number): number {
    let s = state;
    for (let i = last; i >= boundary; i--) s = this.parents[i * this.states + s]!;
    return s;
  }

  private trace(state: number, last: number, first: number, { levels, errors }: RowResult): void {
    let s = state;
    for (let i = last; i >= first; i--) {
      const at = i * this.states + s;
      levels[i] = this.choices[at]!;
      errors[i] = this.misses[at]!;
      s = this.parents[at]!;
    }
  }
}

/** The errors of weights start … end − 1, once they are known for good, move the targets from `first` on. */
function moveLater({ target, feedback, stride }: RowProblem, errors: Float64Array, start: number, end: number, first: number): void {
  if (!feedback) return;
  for (let i = first; i < target.length; i++) {
    let moved = 0;
    for (let j = start, at = i * stride + start; j < end; j++, at++) moved += errors[j]! * feedback[at]!;
    target[i]! -= moved;
  }
}
