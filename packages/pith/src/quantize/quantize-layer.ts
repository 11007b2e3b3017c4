/**
 * A whole layer to integers: rows one after the other, each searched with feedback among its weights, what is left of it made good by the
 * rows that follow. Deterministic; the rate model learns as it goes.
 */
import { trellisNext, trellisValue } from 'pith-runtime';
import type { Feedback } from './factors.js';
import { Rates } from './rates.js';
import { RowSearch } from './search-row.js';
import { type Steps, stepAt, stepsFrom } from './steps.js';

/** Of one group of a grouped convolution; other layers have one. */
export interface GroupFactors {
  /**
   * Of the inputs, in blocks that follow one another and make good within themselves alone: one block, unless the layer is very wide.
   * Where the layer has a bias, each block has it as its last entry.
   */
  readonly inputs: readonly Feedback[];
  /** Of the outputs of the group; null: all count alike and none makes good for another. */
  readonly outputs: Feedback | null;
}

export interface LayerProblem {
  /** Rows of all groups together × columns · positions. */
  readonly weights: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
  readonly groups: readonly GroupFactors[];
  /** One number for each row; moved by the feedback. Null where the layer has none. */
  readonly bias: Float64Array | null;
  /** Cost of a squared error of 1 in importance 1. */
  readonly price: number;
  /** The error that a step may make, as the square root of its cost: the one constant that sets the rate of all layers. */
  readonly constant: number;
  readonly grid: 'scalar' | 'trellis';
  /** Bits against error: what a bit may cost, in squared constants. */
  readonly lambda: number;
  /** Whether weights that are exactly zero stay so. */
  readonly keepZeros: boolean;
  readonly rates: Rates;
}

export interface LayerResult extends Steps {
  /** Rows × columns · positions. */
  readonly levels: Int32Array;
  /** What the levels stand for, before the rounding to the tensor's type. */
  readonly values: Float64Array;
  readonly bias: Float64Array | null;
  /** Predicted error: Σ importance · error², times price. */
  readonly error: number;
  /** What the levels take by the rates that held when their row was done. */
  readonly bits: number;
}

export function quantizeLayer(problem: LayerProblem): LayerResult {
  const { rows, columns, positions, groups, grid, rates, lambda } = problem;
  const width = columns * positions;
  const perGroup = rows / groups.length;
  const steps = chooseSteps(problem);
  const search = new RowSearch(grid, rates, lambda);
  const levels = new Int32Array(rows * width);
  const values = new Float64Array(rows * width);
  const bias = problem.bias ? new Float64Array(rows) : null;
  const rowSteps = new Float64Array(width);
  const rowCosts = new Float64Array(width);
  const above = new Uint8Array(width);
  const none = new Int32Array(width);
  let state = 0;
  let error = 0;
  let bits = 0;
  for (let g = 0; g < groups.length; g++) {
    const { inputs, outputs } = groups[g]!;
    const rest = restOf(problem, g);
    const size = width + (bias ? 1 : 0);
    const blocks = blocksOf(inputs, size - width);
    const importance = importanceOf(inputs, size - width);
    for (let o = 0; o < perGroup; o++) {
      const row = g * perGroup + o;
      const target = rest.subarray(o * size, (o + 1) * size);
      const aimed = target.slice();
      const weight = (problem.price * (outputs?.importance[o] ?? 1)) / problem.constant ** 2;
      for (let c = 0, i = 0; c < columns; c++) {
        const step = stepAt(steps, row, c);
        for (let p = 0; p < positions; p++, i++) {
          rowSteps[i] = step;
          rowCosts[i] = weight * importance[i]!;
        }
      }
      const one = row > 0 ? levels.subarray((row - 1) * width, row * width) : none;
      const two = row > 1 ? levels.subarray((row - 2) * width, (row - 1) * width) : none;
      for (let i = 0; i < width; i++) above[i] = Rates.above(Math.abs(one[i]!), Math.abs(two[i]!));
      const zeros = problem.keepZeros ? zerosOf(problem.weights, row * width, width) : null;
      for (const { start, end, feedback, stride } of blocks) {
        const part = new Float64Array(end - start + size - width);
        part.set(target.subarray(start, end));
        if (bias) part[end - start] = target[width]!;
        const of = <A extends Float64Array | Uint8Array>(array: A): A => array.subarray(start, end) as A;
        const found = search.run({
          target: part,
          width: end - start,
          steps: of(rowSteps),
          costs: of(rowCosts),
          feedback,
          stride,
          zeros: zeros && of(zeros),
          above: of(above),
        });
        levels.set(found.levels, row * width + start);
        for (let i = start; i < end; i++) error += rowCosts[i]! * found.errors[i - start]! ** 2;
        if (bias) target[width] = part[end - start]!;
      }
      for (let i = 0, before = 0, beforeThat = 0; i < width; i++) {
        const level = levels[row * width + i]!;
        values[row * width + i] = (grid === 'trellis' ? trellisValue(level, state) : level) * rowSteps[i]!;
        const context = rates.context(grid === 'trellis' ? state & 1 : 0, before, beforeThat, above[i]!);
        bits += rates.bits(context, Math.abs(level));
        rates.count(context, Math.abs(level));
        if (grid === 'trellis') state = trellisNext[2 * state + (level & 1)]!;
        beforeThat = before;
        before = Math.abs(level);
      }
      rates.refresh();
      if (bias) bias[row] = target[width]!;
      if (outputs?.matrix) passOn({ rest, size, aimed, values, bias, width, row, o, outputs, perGroup });
    }
  }
  return { ...steps, levels, values, bias, error: error * problem.constant ** 2, bits };
}

/** Steps by importance: every weight's error may cost the constant. */
function chooseSteps({ rows, columns, positions, groups, bias, price, constant }: LayerProblem): Steps {
  const perGroup = rows / groups.length;
  const wish = (importance: number): number => -8 * Math.log2(Math.max(importance, 1e-300));
  const ofRows = new Float64Array(rows);
  const ofColumns = new Float64Array(columns);
  for (let g = 0; g < groups.length; g++) {
    const { inputs, outputs } = groups[g]!;
    const importance = importanceOf(inputs, bias ? 1 : 0);
    let mean = 0;
    for (let i = 0; i < columns * positions; i++) {
      const wished = wish(importance[i]!) / positions;
      ofColumns[Math.floor(i / positions)]! += wished / groups.length;
      mean += wished / columns;
    }
    // columns of different groups are different inputs: what tells the groups apart belongs to their rows
    for (let o = 0; o < perGroup; o++) ofRows[g * perGroup + o] = wish(outputs?.importance[o] ?? 1) + mean;
  }
  const middle = ofColumns.reduce((a, b) => a + b, 0) / columns;
  return stepsFrom(16 * Math.log2(constant) + wish(price) - middle, ofRows, ofColumns);
}

/** The weights of a group, each row with its bias behind it: what is still to be coded, and is moved by the feedback. */
function restOf({ weights, bias, rows, columns, positions, groups }: LayerProblem, g: number): Float64Array {
  const width = columns * positions;
  const perGroup = rows / groups.length;
  const size = width + (bias ? 1 : 0);
  const rest = new Float64Array(perGroup * size);
  for (let o = 0; o < perGroup; o++) {
    const row = g * perGroup + o;
    rest.set(weights.subarray(row * width, (row + 1) * width), o * size);
    if (bias) rest[o * size + width] = bias[row]!;
  }
  return rest;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly feedback: Float64Array | null;
  readonly stride: number;
}

/** `more`: entries of each block that are no weights. */
function blocksOf(inputs: readonly Feedback[], more: number): Block[] {
  let end = 0;
  return inputs.map(({ matrix, size }) => {
    const start = end;
    end += size - more;
    return { start, end, feedback: matrix && transpose(matrix, size), stride: size };
  });
}

/** Of all weights of a row. */
function importanceOf(inputs: readonly Feedback[], more: number): Float64Array {
  const parts = inputs.map(({ importance, size }) => importance.subarray(0, size - more));
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function transpose(matrix: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) out[j * n + i] = matrix[i * n + j]!;
  return out;
}

const zerosOf = (weights: Float64Array, start: number, width: number): Uint8Array =>
  Uint8Array.from({ length: width }, (_, i) => (weights[start + i] === 0 ? 1 : 0));

interface Passing {
  readonly rest: Float64Array;
  readonly size: number;
  /** What the row should have become, before feedback within it. */
  readonly aimed: Float64Array;
  readonly values: Float64Array;
  readonly bias: Float64Array | null;
  readonly width: number;
  readonly row: number;
  readonly o: number;
  readonly outputs: Feedback;
  readonly perGroup: number;
}

/** What a row fell short of is made good by the rows after it. */
function passOn({ rest, size, aimed, values, bias, width, row, o, outputs, perGroup }: Passing): void {
  const short = aimed.map((v, i) => v - (i < width ? values[row * width + i]! : bias![row]!));
  for (let p = o + 1; p < perGroup; p++) {
    const share = outputs.matrix![o * outputs.size + p]!;
    if (share === 0) continue;
    for (let i = 0, at = p * size; i < size; i++, at++) rest[at]! -= share * short[i]!;
  }
}
