/** The solver against what it must be on cases small enough to work out: brute force, the full Hessian, every walk through the trellis. */
import { stepOf, trellisNext, trellisValue } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { inverse } from '../../src/base/linalg.js';
import { Random } from '../../src/base/random.js';
import { feedbackOf, leading, withoutFeedback } from '../../src/quantize/factors.js';
import { type LayerProblem, quantizeLayer } from '../../src/quantize/quantize-layer.js';
import { Rates } from '../../src/quantize/rates.js';
import { RowSearch } from '../../src/quantize/search-row.js';

const random = Random.of(7, 'solver');
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());

/** Σ x xᵀ of correlated samples: positive definite. */
function moments(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let s = 0; s < 4 * n; s++) {
    const shared = random.normal();
    const x = normals(n).map((v) => v + shared);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j]! += x[i]! * x[j]!;
  }
  return out;
}

const rows = 4;
const width = 6;

function problem(over: Partial<LayerProblem> = {}): LayerProblem {
  return {
    weights: normals(rows * width),
    rows,
    columns: width,
    positions: 1,
    groups: [{ inputs: [feedbackOf(moments(width), width, 0)], outputs: feedbackOf(moments(rows), rows, 0) }],
    bias: null,
    price: 1,
    constant: 2,
    grid: 'scalar',
    lambda: 0,
    keepZeros: false,
    rates: new Rates(),
    ...over,
  };
}

/** tr(G·E·A·Eᵀ). */
function errorOf(e: Float64Array, a: Float64Array, g: Float64Array | null): number {
  let sum = 0;
  for (let o = 0; o < rows; o++)
    for (let p = 0; p < rows; p++) {
      const weight = g ? g[o * rows + p]! : o === p ? 1 : 0;
      for (let i = 0; i < width; i++)
        for (let j = 0; j < width; j++) sum += weight * e[o * width + i]! * a[i * width + j]! * e[p * width + j]!;
    }
  return sum;
}

/** Optimal Brain Surgeon with the whole Hessian G ⊗ A: round an entry, move all later ones to the minimum that is left, go on. */
function surgeon(weights: Float64Array, a: Float64Array, g: Float64Array | null, stepOfEntry: (entry: number) => number): Int32Array {
  const n = weights.length;
  const hessian = new Float64Array(n * n);
  for (let x = 0; x < n; x++)
    for (let y = 0; y < n; y++) {
      const [o, i, p, j] = [Math.floor(x / width), x % width, Math.floor(y / width), y % width];
      hessian[x * n + y] = (g ? g[o * rows + p]! : o === p ? 1 : 0) * a[i * width + j]!;
    }
  const w = weights.slice();
  const levels = new Int32Array(n);
  for (let x = 0; x < n; x++) {
    const left = n - x;
    const part = new Float64Array(left * left);
    for (let r = 0; r < left; r++) for (let c = 0; c < left; c++) part[r * left + c] = hessian[(x + r) * n + x + c]!;
    const inv = inverse(part, left);
    levels[x] = Math.round(w[x]! / stepOfEntry(x));
    const error = w[x]! - levels[x]! * stepOfEntry(x);
    for (let r = 0; r < left; r++) w[x + r]! -= (error * inv[r * left]!) / inv[0]!;
  }
  return levels;
}

describe('a layer', () => {
  const a = moments(width);
  const g = moments(rows);
  const inputs = [feedbackOf(a, width, 0)];

  test.each([
    ['with both sides, the full Optimal Brain Surgeon', g],
    ['without the output side, GPTQ', null],
  ])('is quantized as by %s', (_, side) => {
    const given = problem({ constant: 8, groups: [{ inputs, outputs: side && feedbackOf(side, rows, 0) }] });
    const found = quantizeLayer(given);
    const step = (entry: number): number =>
      stepOf(found.step + (found.rowSteps?.[Math.floor(entry / width)] ?? 0) + (found.columnSteps?.[entry % width] ?? 0));
    expect([...found.levels]).toEqual([...surgeon(given.weights, a, side, step)]);
    // and feedback is what does it
    expect([...found.levels]).not.toEqual(Array.from(given.weights, (w, entry) => Math.round(w / step(entry))));
  });

  test('loses as much as it predicts, and less than without feedback', () => {
    const given = problem({ groups: [{ inputs, outputs: feedbackOf(g, rows, 0) }], constant: 1 });
    const plain = {
      ...given,
      groups: [{ inputs: [withoutFeedback(inputs[0]!.importance)], outputs: withoutFeedback(given.groups[0]!.outputs!.importance) }],
    };
    const [found, without] = [given, plain].map((p) => quantizeLayer(p));
    const real = (r: typeof found): number =>
      errorOf(
        given.weights.map((w, i) => w - r!.values[i]!),
        a,
        g,
      );
    // floats alone tell the prediction from the sum over all pairs
    expect(found!.error / real(found)).toBeCloseTo(1, 9);
    expect(real(found)).toBeLessThan(0.5 * real(without));
  });

  test('keeps exact zeros, and moves the others for them', () => {
    // the last input says the same as the others, only less loudly: it has to move by more than their errors, on a step that is theirs
    const loud = [1, 1, 1, 1, 1, 0.3];
    const alike = Float64Array.from({ length: width * width }, (_, k) => {
      const [i, j] = [Math.floor(k / width), k % width];
      return 100 * loud[i]! * loud[j]! + (i === j ? 1 : 0);
    });
    const groups = [{ inputs: [feedbackOf(alike, width, 0)], outputs: null }];
    const weights = normals(rows * width).map((w, i) => (i % width === width - 1 ? 0 : w));
    const kept = quantizeLayer(problem({ weights, groups, columns: 1, positions: width, keepZeros: true }));
    const free = quantizeLayer(problem({ weights, groups, columns: 1, positions: width }));
    const ofZeros = (levels: Int32Array): Int32Array => levels.filter((_, i) => weights[i] === 0);
    expect([...ofZeros(kept.levels)]).toEqual([0, 0, 0, 0]);
    expect([...ofZeros(free.levels)]).not.toEqual([0, 0, 0, 0]);
  });

  test('has its bias moved to where the output is nearest', () => {
    const whole = moments(width + 1);
    const bias = normals(rows);
    const given = problem({ bias, groups: [{ inputs: [feedbackOf(whole, width + 1, 0)], outputs: null }] });
    const found = quantizeLayer(given);
    for (let o = 0; o < rows; o++) {
      // the derivative of the error by the bias is zero
      let slope = (bias[o]! - found.bias![o]!) * whole.at(-1)!;
      for (let i = 0; i < width; i++)
        slope += (given.weights[o * width + i]! - found.values[o * width + i]!) * whole[width * (width + 1) + i]!;
      expect(Math.abs(slope)).toBeLessThan(1e-9 * whole.at(-1)!);
    }
    expect(found.bias).not.toEqual(bias);
  });

  test.each(['scalar', 'trellis'] as const)('costs fewer bits where bits cost more, and more error (%s)', (grid) => {
    const weights = normals(64 * 32);
    const at = (lambda: number) => {
      const groups = [{ inputs: [withoutFeedback(new Float64Array(32).fill(1))], outputs: null }];
      return quantizeLayer({ ...problem(), weights, rows: 64, columns: 32, groups, grid, lambda, constant: 0.5, rates: new Rates() });
    };
    const [free, dear] = [at(0), at(1)];
    const size = (levels: Int32Array): number => levels.reduce((sum, l) => sum + Math.abs(l), 0);
    expect(size(dear.levels)).toBeLessThan(0.9 * size(free.levels));
    expect(dear.error).toBeGreaterThan(free.error);
  });
});

describe('a row', () => {
  test('takes the cheapest of all walks through the trellis', () => {
    const target = normals(5).map((v) => 2 * v);
    const lambda = 0.4;
    const n = target.length;
    const rates = new Rates();
    const search = new RowSearch('trellis', rates, lambda);
    const flat = {
      steps: new Float64Array(n).fill(1),
      costs: new Float64Array(n).fill(1),
      feedback: null,
      stride: 0,
      zeros: null,
      above: new Uint8Array(n),
    };
    const costOf = (levels: ArrayLike<number>): number => {
      let [cost, state, before, beforeThat] = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const level = levels[i]!;
        cost +=
          (target[i]! - trellisValue(level, state)) ** 2 +
          lambda * rates.bits(rates.context(state & 1, before, beforeThat, 0), Math.abs(level));
        state = trellisNext[2 * state + (level & 1)]!;
        [before, beforeThat] = [Math.abs(level), before];
      }
      return cost;
    };
    let best = Infinity;
    const every = (levels: number[]): void => {
      if (levels.length === n) best = Math.min(best, costOf(levels));
      else for (let k = -4; k <= 4; k++) every([...levels, k]);
    };
    every([]);
    const { levels } = search.run({ target: target.slice(), width: n, ...flat });
    // survivors of a state differ in the context that they carry, which the search leaves out of account: a hundredth covers it
    expect(costOf(levels)).toBeLessThan(best * 1.01);
    expect(costOf(new Int32Array(n))).toBeGreaterThan(best * 1.01);
  });

  test('is quantized as if the window were as long as the row', () => {
    const n = 150;
    const factors = feedbackOf(moments(n), n, 0.01);
    const weights = normals(n);
    const given = problem({ weights, rows: 1, columns: n, groups: [{ inputs: [factors], outputs: null }], grid: 'scalar', constant: 8 });
    const found = quantizeLayer(given);
    // with one state nothing depends on when decisions are taken: plain error feedback must come out
    const w = weights.slice();
    for (let i = 0; i < n; i++) {
      const step = stepOf(found.step + (found.columnSteps?.[i] ?? 0));
      const level = Math.round(w[i]! / step) + 0;
      expect(found.levels[i]).toBe(level);
      for (let j = i + 1; j < n; j++) w[j]! -= (w[i]! - level * step) * factors.matrix![i * n + j]!;
    }
  });
});

test('moments without the bias are the leading part', () => {
  expect([...leading(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 2)]).toEqual([1, 2, 4, 5]);
});

test('a layer in blocks is one whose moments between blocks are zero', () => {
  const [a, b] = [moments(3), moments(3)];
  const whole = new Float64Array(width * width);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      whole[i * width + j] = a[i * 3 + j]!;
      whole[(i + 3) * width + j + 3] = b[i * 3 + j]!;
    }
  const outputs = feedbackOf(moments(rows), rows, 0);
  const weights = normals(rows * width);
  const one = quantizeLayer(problem({ weights, groups: [{ inputs: [feedbackOf(whole, width, 0)], outputs }] }));
  const two = quantizeLayer(problem({ weights, groups: [{ inputs: [feedbackOf(a, 3, 0), feedbackOf(b, 3, 0)], outputs }] }));
  expect([...two.levels]).toEqual([...one.levels]);
  const other = quantizeLayer(problem({ weights, groups: [{ inputs: [feedbackOf(b, 3, 0), feedbackOf(a, 3, 0)], outputs }] }));
  expect([...other.levels]).not.toEqual([...one.levels]);
});
