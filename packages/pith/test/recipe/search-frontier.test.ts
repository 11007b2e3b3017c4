/** The curve of `rated`: one λ after the other, each from the point before; which point is the result. */
import { describe, expect, test } from 'vitest';
import type { Dataset, Split } from '../../src/data/dataset.js';
import { compressModel } from '../../src/recipe/compress.js';
import { frontierPlan } from '../../src/recipe/search/frontier.js';
import type { Measured, Targets } from '../../src/recipe/targets.js';
import { dense, normalized, stripes } from '../train/tiny.js';
import { job } from './jobs.js';

const plan = (targets: Targets) =>
  frontierPlan({
    ...{ name: 'test', targets, lambdas: [1e-6, 1e-5, 1e-4], epochs: 10 },
    stepAt: (lambda, epochs, begun) => ({ use: 'rate', lambda, epochs, ...(begun && { ramp: 0 }) }),
  });
const measured: readonly Measured[] = [
  { round: 0, aim: 1e-6, use: 'rate', bytes: 900, error: 0.01 },
  { round: 1, aim: 1e-5, use: 'rate', bytes: 500, error: 0.02 },
  { round: 2, aim: 1e-4, use: 'rate', bytes: 100, error: 0.5 },
];

describe('the plan', () => {
  test('goes up the ladder, each point from the one before, in fewer epochs', () => {
    const told = [0, 1, 2].map((n) => plan({})(measured.slice(0, n), 0.02));
    expect(told).toMatchObject([
      { kind: 'step', from: -1, round: 0, rounds: 3, aim: 1e-6, step: { epochs: 10, lambda: 1e-6 } },
      { kind: 'step', from: 0, round: 1, aim: 1e-5, step: { epochs: 3, ramp: 0 } },
      { kind: 'step', from: 1, round: 2, aim: 1e-4, step: { epochs: 3, ramp: 0 } },
    ]);
  });

  test.each<[string, Targets, number, number, boolean]>([
    ['without a target the smallest that is no worse than the reference', {}, 0.02, 1, true],
    ['without a target, all worse: the best', {}, 0.005, 0, true],
    ['a size: the smallest', { maxSize: 600 }, 0.02, 2, true],
    ['a drop: the smallest within it', { maxDrop: 0.005 }, 0.02, 1, true],
    ['a size and a drop that one point meets', { maxSize: 600, maxDrop: 0.01 }, 0.02, 1, true],
    ['a size that no point meets: the smallest', { maxSize: 50 }, 0.02, 2, false],
    ['a drop that no point meets: the best', { maxDrop: 0.001 }, 0.005, 0, false],
  ])('%s', (_, targets, reference, chosen, met) => {
    expect(plan(targets)(measured, reference)).toEqual({ kind: 'end', chosen, met });
  });
});

// an epoch is one step here
const knobs = { epochs: 40, frontier: [1e-4, 1e-2] };

test.each([
  ['dense', dense()],
  ['with batch normalization', normalized()],
])('A network %s gives a curve that falls', async (_, model) => {
  const { run, decodedError } = await compressModel(job({ model, recipe: 'rated', knobs }));
  expect(run.records.map((r) => r.aim)).toEqual(knobs.frontier);
  expect(run.records[1]!.bytes).toBeLessThan(run.records[0]!.bytes);
  expect(decodedError).toBe(run.records[run.chosen]!.error);
});

describe('data that ask for nothing', () => {
  const oneLabel = (split: Split): Split => ({ ...split, labels: split.labels.map(() => 1) });
  const one = (data: Dataset): Dataset => ({ ...data, train: oneLabel(data.train), test: oneLabel(data.test) });

  test.each(['rated', 'deep-compression'])(
    'of one class: %s ends with a file that is no worse, and is what was trained',
    async (recipe) => {
      const { run, decodedError } = await compressModel(job({ data: one(stripes()), recipe, knobs: { epochs: 60 } }));
      expect(run.met).toBe(true);
      expect(decodedError).toBe(run.records[run.chosen]!.error);
      expect(decodedError).toBeLessThanOrEqual(run.reference.error);
    },
  );

  test('λ of 0 trains without a price, one beyond all measure still ends with a file whose error is told', async () => {
    const [free, dear] = [
      await compressModel(job({ recipe: 'rated', knobs: { epochs: 60, lambda: 0 } })),
      await compressModel(job({ recipe: 'rated', knobs: { epochs: 60, lambda: 1e3 } })),
    ];
    expect(free.decodedError).toBe(free.run.records[0]!.error);
    expect(dear.decodedError).toBe(dear.run.records[0]!.error);
    expect(dear.file.bytes.length).toBeLessThan(free.file.bytes.length);
  });
});
