/** The step `rate` on networks of a few dozen weights: it makes files smaller, survives being cut off, and knows its limits. */
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { levelsOfRated } from '../../src/parametrization/rated.js';
import { compressModel } from '../../src/recipe/compress.js';
import { rated } from '../../src/recipe/recipes/rated.js';
import type { Compression } from '../../src/recipe/step.js';
import { hasDead, narrowed, openGroups, ordered, widthsFor, withoutDead } from '../../src/recipe/steps/rate/shrink.js';
import { withWeights } from '../../src/train/fit.js';
import { lenet300 } from '../../src/zoo/lenet-300-100.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { dense, normalized, pooled, stripes } from '../train/tiny.js';
import { bytesOfRun, bytesStore, Crash, job, mortal, recipeOf } from './jobs.js';

const short = { use: 'rate', epochs: 4, batch: 16, rate: 0.01, augment: 'none', editions: 2 } as const;
const at = (lambda: number, more: object = {}) => recipeOf({ ...short, lambda, ...more });

const nonZeros = ({ states }: Compression): number =>
  [...states.values()].reduce((sum, s) => sum + (s.kind === 'rated' ? levelsOfRated(s).filter((q) => q !== 0).length : 0), 0);

describe('the step rate', () => {
  test('a larger λ gives a smaller file; all that is stored is integers', async () => {
    const [free, dear] = await Promise.all([1e-4, 3e-2].map((lambda) => compressModel(job({ recipe: at(lambda, { epochs: 12 }) }))));
    expect(dear!.file.bytes.length).toBeLessThan(free!.file.bytes.length);
    expect(nonZeros(dear!.run.state)).toBeLessThan(nonZeros(free!.run.state));
    expect(free!.file.report.tensors.map((t) => t.parametrization)).toEqual(free!.file.report.tensors.map(() => 'uniform'));
    expect(free!.decodedError).toBe(free!.run.records[0]!.error);
    expect(free!.decodedError).toBeLessThan(0.5);
  });

  test('λ is steered towards the size that is asked', async () => {
    const given = { epochs: 30, ramp: 0.1 };
    const [small, large] = await Promise.all([170, 400].map((bytes) => compressModel(job({ recipe: at(1e-3, { ...given, bytes }) }))));
    expect(small!.file.bytes.length).toBeLessThanOrEqual(large!.file.bytes.length);
    expect(small!.run.records[0]!.aim).toBeGreaterThan(large!.run.records[0]!.aim);
  });

  test('λ of 0 is training of integers; one that nothing can pay leaves a network that says the same of everything', async () => {
    const free = await compressModel(job({ recipe: at(0) }));
    expect(free.decodedError).toBeLessThan(0.7);
    const dead = await compressModel(job({ recipe: at(1e6, { epochs: 60, rate: 0.05, from: 1, ramp: 0 }) }));
    expect(nonZeros(dead.run.state)).toBeLessThan(5);
    expect(dead.decodedError).toBeGreaterThan(0.5);
  });

  test('runs on a convolution with batch norm, and on data of one class', async () => {
    const found = await compressModel(job({ model: normalized(), recipe: at(1e-3) }));
    expect(found.file.report.tensors.filter((t) => t.parametrization === 'uniform').length).toBeGreaterThan(1);
    const data = stripes();
    const one = (part: Dataset['train']): Dataset['train'] => ({ ...part, labels: part.labels.map(() => 1) });
    const same = await compressModel(
      job({ data: { ...data, train: one(data.train), test: one(data.test) }, recipe: at(1e-3, { epochs: 12 }) }),
    );
    expect(same.decodedError).toBeLessThan(0.2);
  });

  test('narrower layers stay narrow, also when the run goes on from them', async () => {
    const widths = { 'fc1.weight': 5 };
    const found = await compressModel(job({ recipe: recipeOf({ ...short, lambda: 1e-4, widths }, { ...short, lambda: 1e-4, from: 1 }) }));
    const dims = found.run.state.model.graph.initializers.get('fc1.weight')!.dims;
    expect(dims[0]).toBeLessThanOrEqual(5);
    expect(found.decoded.graph.initializers.get('fc2.weight')!.dims[1]).toBe(dims[0]);
  });

  test('cut off anywhere, also between two of its own steps, and taken up again, it ends with the same bytes', async () => {
    const recipe = at(2e-2, { epochs: 4, widths: { 'fc1.weight': 6 } });
    const unbroken = bytesStore();
    const whole = await bytesOfRun({ model: dense(), store: unbroken, recipe });
    const last = await unbroken.load('step-000');
    for (const lives of [3, 6, 9, 12]) {
      const store = bytesStore();
      await expect(bytesOfRun({ model: dense(), store: mortal(store, lives), recipe })).rejects.toBeInstanceOf(Crash);
      expect(Buffer.compare(await bytesOfRun({ model: dense(), store, recipe }), whole)).toBe(0);
      // shadow weights too: others may round to the same levels
      expect((await store.load('step-000'))!.arrays).toEqual(last!.arrays);
    }
  });

  test('a rate of learning that leaves the numbers is an error that says where, and the last checkpoint of finite numbers is kept', async () => {
    const store = bytesStore();
    await expect(bytesOfRun({ model: dense(), store, recipe: at(1e-3, { rate: 1e30 }) })).rejects.toMatchObject({
      code: 'numeric.loss',
      detail: { got: expect.stringMatching(/at step \d+ of epoch 1/) },
    });
    const kept = await store.load('inside');
    expect(kept).toBeDefined();
    expect([...kept!.arrays.values()].every((array) => array.every(Number.isFinite))).toBe(true);
  });

  test('a λ that is no number, and a model without anything to train, are refused', async () => {
    for (const lambda of [Number.POSITIVE_INFINITY, Number.NaN, -1])
      await expect(compressModel(job({ recipe: 'rated', knobs: { lambda } }))).rejects.toMatchObject({ code: 'usage.rate' });
    await expect(compressModel(job({ model: pooled(), recipe: at(1e-3) }))).rejects.toMatchObject({ code: 'usage.nothing-to-train' });
  });
});

test('by name, a size that is not possible ends unmet, with the smallest of its files', async () => {
  const { run, file } = await compressModel(job({ recipe: 'rated', knobs: { epochs: 1, slim: [6] }, targets: { maxSize: 40 } }));
  expect(run.met).toBe(false);
  expect(run.records.length).toBeGreaterThan(1);
  expect(file.bytes.length).toBe(Math.min(...run.records.map((r) => r.bytes)));
});

test('by name, a network without augmentation learns more from a softer teacher', () => {
  const taughtBy = (augment?: string) => {
    const next = rated.planner({ model: dense(), targets: {}, knobs: { ...(augment !== undefined && { augment }) } })([], 0.1);
    return next.kind === 'step' && next.step.use === 'rate' ? [next.step.teacher, next.step.temperature] : [];
  };
  expect([undefined, 'mild', 'usual', 'none'].map(taughtBy)).toEqual([
    [0.3, 1],
    [0.3, 1],
    [0.3, 1],
    [0.7, 2],
  ]);
});

describe('units', () => {
  const trained = async (lambda: number): Promise<Compression> => (await compressModel(job({ recipe: at(lambda) }))).run.state;

  test('that are dead go, and the outputs stay', async () => {
    const c = await trained(1e-3);
    expect(hasDead(c)).toBe(false);
    const state = c.states.get('fc2.weight')!;
    if (state.kind !== 'rated') throw new Error('not rated');
    const width = state.dims[1]!;
    const dead: Compression = {
      ...c,
      states: new Map(c.states).set('fc2.weight', { ...state, values: state.values.map((w, i) => (i % width === 0 ? 0 : w)) }),
    };
    expect(hasDead(dead)).toBe(true);
    const { compression, arrays } = withoutDead({
      compression: dead,
      arrays: new Map([
        ['fc2.weight/shadow/mean', state.values],
        ['fc2.weight/step', state.logStep],
      ]),
    });
    expect(hasDead(compression)).toBe(false);
    const left = compression.model.graph.initializers.get('fc1.weight')!.dims[0]!;
    expect(left).toBe(width - 1);
    expect(arrays.get('fc2.weight/shadow/mean')!.length).toBe(state.dims[0]! * left);
    expect(arrays.get('fc2.weight/step')!.length).toBe(1);
  });

  test('in order have no more non-zeros than those before', async () => {
    const c = ordered(await trained(1e-2));
    const [group] = openGroups(c.model);
    const weights = withWeights(c.model, c.states).graph.initializers;
    const count = Array.from({ length: group!.count }, (_, u) =>
      [...group!.made, ...group!.read].reduce((sum, { tensor, axis }) => {
        const { dims, data } = weights.get(tensor)!;
        const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
        return sum + Array.from(data as Float32Array).filter((w, i) => w !== 0 && Math.floor(i / inner) % dims[axis]! === u).length;
      }, 0),
    );
    expect(count).toEqual([...count].sort((a, b) => b - a));
    expect(count.length).toBeGreaterThan(2);
  });

  test('are as many at first as bytes allow, and all where there is room', () => {
    const model = buildNetwork(lenet300);
    const [few, some, all] = [500, 2000, 1e7].map((bytes) => Object.values(widthsFor(model, bytes)));
    expect(few![0]).toBeLessThan(some![0]!);
    expect(all).toEqual([300, 100]);
    const [group] = openGroups(model);
    expect(narrowed(model, group!, 40).graph.initializers.get('fc2.weight')!.dims).toEqual([100, 40]);
  });
});
