/** Each loss, evaluated by the float64 reference, against its formula written as a loop. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferNode } from '../../src/ops/infer.js';
import { type LossName, losses } from '../../src/train/losses/list.js';
import type { LossContext } from '../../src/train/losses/loss.js';
import { worst } from '../support/compare.js';

type Rows = readonly (readonly number[])[];

const formulas: Readonly<Record<LossName, (output: Rows, target: Rows) => number>> = {
  'mean-squared-error': (output, target) => {
    const squares = output.flatMap((row, i) => row.map((y, k) => (y - target[i]![k]!) ** 2));
    return squares.reduce((a, b) => a + b, 0) / squares.length;
  },
  'softmax-cross-entropy': (output, target) => {
    const terms = output.map((row, i) => {
      const logSum = Math.log(row.reduce((sum, y) => sum + Math.exp(y), 0));
      return row.reduce((sum, y, k) => sum - target[i]![k]! * (y - logSum), 0);
    });
    return terms.reduce((a, b) => a + b, 0) / terms.length;
  },
};

/** For losses that ask for nothing beside output and target. */
const nothingAsked: LossContext = {
  feed: () => expect.unreachable(),
  feedRows: () => expect.unreachable(),
  trained: () => expect.unreachable(),
};

function lossOf(name: LossName, output: Rows, target: Rows): number {
  const dims = [output.length, output[0]!.length];
  const builder = new Builder(Graph.empty('loss'), 17, inferNode);
  const [y, t] = ['y', 't'].map((input) => builder.input(input, { dtype: 'float32', dims }));
  builder.output('loss', losses[name].build(builder, y!, t!, nothingAsked));
  const ref = (rows: Rows) => ({ dtype: 'float32' as const, dims, data: Float64Array.from(rows.flat()) });
  const feeds = new Map([
    ['y', ref(output)],
    ['t', ref(target)],
  ]);
  const result = evaluate(builder.graph.freeze(), 17, feeds).get('loss')!;
  expect(result.dims).toEqual([]);
  return result.data[0]!;
}

const rounding = { abs: 1e-7, rel: 1e-7, because: 'double arithmetic, with constants of the graph in float32' };

const rows = (random: Random, count: number, width: number, scale: number): Rows =>
  Array.from({ length: count }, () => Array.from({ length: width }, () => random.between(-scale, scale)));

describe.each(Object.keys(losses) as LossName[])('%s', (name) => {
  test.each([
    [1, 2, 1],
    [4, 3, 5],
    [7, 10, 30],
  ])('of %s rows of %s logits up to %s is as its formula says', (count, width, scale) => {
    const random = Random.of(1, name, count);
    const output = rows(random, count, width, scale);
    const target = output.map((_, i) => Array.from({ length: width }, (_, k) => (k === i % width ? 0.9 : 0.1 / (width - 1))));
    expect(worst([lossOf(name, output, target)], [formulas[name](output, target)], rounding)).toBeLessThanOrEqual(1);
    expect(worst([lossOf(name, output, target)], [formulas[name](output, target) * 1.0001], rounding)).toBeGreaterThan(1);
  });

  test('does not overflow where an output is large', () => {
    const loss = lossOf(name, [[1000, -1000]], [[1, 0]]);
    expect(Number.isFinite(loss)).toBe(true);
  });
});
