/** The step `rate` where batch normalizations are: rows in units of steps, scale and shift folded into what the file holds, branches left whole. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { levelsOfRated } from '../../src/parametrization/rated.js';
import { codeCompression, decodeAndCompare } from '../../src/recipe/code.js';
import { compressModel, plannerOf } from '../../src/recipe/compress.js';
import type { Compression } from '../../src/recipe/step.js';
import { folded, inUnits } from '../../src/recipe/steps/rate/normalized.js';
import { openGroups, withoutDead } from '../../src/recipe/steps/rate/shrink.js';
import { normalizedLayers } from '../../src/rewrite/fold-batch-norm.js';
import { worst } from '../support/compare.js';
import { dense, normalized, residual } from '../train/tiny.js';
import { bytesOfRun, bytesStore, Crash, job, mortal, recipeOf } from './jobs.js';

const short = { use: 'rate', epochs: 4, batch: 16, rate: 0.05, augment: 'none', editions: 2, normalized: {} } as const;
const at = (lambda: number, more: object = {}) => recipeOf({ ...short, lambda, ...more });

/** Scales, shifts and statistics as training leaves them, some scales below zero. */
function lived(model: Model): Model {
  const random = Random.of(5, 'lived');
  const initializers = new Map(model.graph.initializers);
  for (const { norm } of normalizedLayers(model))
    norm.inputs.slice(1, 5).forEach((name, i) => {
      const tensor = initializers.get(name)!;
      const data = Float32Array.from(tensor.data as Float32Array, () => (i === 3 ? random.between(0.2, 3) : random.normal()));
      initializers.set(name, { ...tensor, data });
    });
  return { ...model, graph: { ...model.graph, initializers } };
}

const pixels = Float64Array.from({ length: 3 * 16 }, (_, i) => Random.of(9, 'pixel', i).unit());

function outputs(model: Model): Float64Array {
  const [input] = model.graph.inputs;
  const feeds = new Map([[input!.name, { dtype: 'float32' as const, dims: [3, 1, 4, 4], data: pixels }]]);
  return evaluate(model.graph, model.opsets.get('')!, feeds).get(model.graph.outputs[0]!.name)!.data;
}

const rounding = { abs: 3e-3, rel: 3e-3, because: 'weights are rounded to 24 bits, and the epsilon of the normalizations is another' };

describe.each<[string, Model]>([
  ['one convolution', normalized()],
  ['a block with a branch around it', residual()],
])('normalized layers of %s', (_, made) => {
  const model = lived(made);
  const units = inUnits(model, 0.9);

  test('are the same function in units of steps', () => {
    expect(units.states.size).toBe(normalizedLayers(model).length);
    expect(worst(outputs(units.model), outputs(model), rounding)).toBeLessThanOrEqual(1);
    for (const [name, { values, logStep }] of units.states) {
      expect(units.model.graph.initializers.get(name)!.data).toEqual(values);
      const width = values.length / logStep.length;
      for (let r = 0; r < logStep.length; r++) {
        const square = values.subarray(r * width, (r + 1) * width).reduce((sum, w) => sum + w * w, 0) / width;
        expect(Math.sqrt(square)).toBeCloseTo(1 / 0.9, 4);
      }
    }
  });

  test('take up the normalization: integers stay up to sign, scales are near, and shifts fit the scales', () => {
    const given: Compression = { model: units.model, states: units.states, statistics: new Map() };
    const after = folded(given, 2 ** -12);
    expect(after.model.graph.nodes.map((n) => n.op)).not.toContain('BatchNormalization');
    expect(after.trainable).toBe(given);
    for (const { weight, scale } of normalizedLayers(units.model)) {
      const [before, now] = [given, after].map(({ states }) => {
        const state = states.get(weight)!;
        if (state.kind !== 'rated') throw new Error('not rated');
        return state;
      });
      const width = before!.values.length / scale.length;
      expect(levelsOfRated(now!)).toEqual(levelsOfRated(before!).map((q, i) => q * Math.sign(scale[Math.floor(i / width)]!)));
      now!.logStep.forEach((log, r) => {
        expect(Math.abs(log - Math.log(Math.abs(scale[r]!)))).toBeLessThanOrEqual(Math.LN2 / 32 + 1e-5);
      });
    }
    const { bytes } = codeCompression(after, new Map());
    expect(() => decodeAndCompare(bytes, after)).not.toThrow();
    expect(decodeAndCompare(bytes, after).graph.nodes.length).toBeLessThan(model.graph.nodes.length);
  });
});

test('without normalizations, or without rated weights, there is nothing to fold', () => {
  const none = { model: dense(), states: new Map(), statistics: new Map() };
  expect(folded(none, 0.04)).toBe(none);
  const free = { model: normalized(), states: new Map(), statistics: new Map() };
  expect(folded(free, 0.04)).toBe(free);
});

test('by name, a smaller file is begun with a larger λ, and further rounds go on in units of steps', () => {
  const begun = [400, 100].map((maxSize) => {
    const next = plannerOf({ model: residual(), recipe: 'rated', knobs: {}, targets: { maxSize } })([], 0.1);
    if (next.kind !== 'step' || next.step.use !== 'rate') throw new Error('no step rate');
    return next.step;
  });
  expect(begun[1]!.lambda).toBeGreaterThan(begun[0]!.lambda);
  expect(begun.map((s) => s.normalized?.step)).toEqual([0.9, 0.9]);
  const first = { use: 'rate', from: -1, round: 0, aim: 1e-6, bytes: 900, error: 0.1, loss: 0, density: 1 };
  const further = plannerOf({ model: residual(), recipe: 'rated', knobs: {}, targets: { maxSize: 400 } })([first], 0.1);
  expect(further).toMatchObject({ kind: 'step', from: 0, step: { normalized: { step: 0.9 }, from: 1, ramp: 0 } });
});

describe('a network with a branch, by the step rate', () => {
  test('learns, is stored in integers alone, and a larger λ makes it smaller', async () => {
    const [free, dear] = await Promise.all(
      [1e-4, 3e-2].map((lambda) => compressModel(job({ model: residual(), recipe: at(lambda, { epochs: 10 }) }))),
    );
    expect(free!.decodedError).toBeLessThan(0.3);
    expect(free!.decodedError).toBe(free!.run.records[0]!.error);
    expect(free!.decoded.graph.nodes.map((n) => n.op)).not.toContain('BatchNormalization');
    expect([...free!.run.state.states.values()].map((state) => state.kind)).toEqual([...free!.run.state.states.keys()].map(() => 'rated'));
    expect(free!.file.report.tensors.filter((t) => t.parametrization !== 'uniform').map((t) => t.name)).toEqual([]);
    expect(dear!.file.bytes.length).toBeLessThan(free!.file.bytes.length);
  });

  test('where every layer dies, it ends with a network that says the same of everything', async () => {
    const dead = await compressModel(job({ model: residual(), recipe: at(1e6, { epochs: 16, rate: 0.2, from: 1, ramp: 0 }) }));
    expect(dead.decodedError).toBeGreaterThan(0.5);
    const state = dead.run.state.states.get('outer.weight')!;
    expect(state.kind === 'rated' && levelsOfRated(state).every((q) => q === 0)).toBe(true);
  });

  test('inner channels that nothing reads go, with their steps and statistics; those of the branch stay', async () => {
    const { run } = await compressModel(job({ model: residual(), recipe: at(1e-4) }));
    const given = run.state.trainable!;
    expect(openGroups(given.model).map((g) => g.maker)).toEqual(['inner.weight']);
    const read = given.states.get('outer.weight')!;
    if (read.kind !== 'rated') throw new Error('not rated');
    const channels = read.dims[1]!;
    const values = read.values.map((w, i) => (Math.floor(i / 9) % channels === 1 ? 0 : w));
    const { compression } = withoutDead({
      compression: { ...given, states: new Map(given.states).set('outer.weight', { ...read, values }) },
      arrays: new Map(),
    });
    const made = compression.states.get('inner.weight')!;
    expect(made.kind === 'rated' && made.logStep.length).toBe(channels - 1);
    expect(made.dims[0]).toBe(channels - 1);
    expect(folded(compression, 0.04).model.graph.initializers.get('outer.weight')!.dims[1]).toBe(channels - 1);
  });

  test('says before a file is coded how large it will be, within 3 %', async () => {
    const store = bytesStore();
    const { file } = await compressModel(job({ model: residual(), recipe: at(3e-3, { epochs: 10 }), store }));
    const { sizes, estimate } = store.events.find((e) => e['event'] === 'measured') as unknown as {
      readonly sizes: readonly { readonly bytes: number; readonly estimate?: number }[];
      readonly estimate: number;
    };
    expect(sizes[0]!.estimate).toBeUndefined();
    expect(Math.abs(estimate / file.bytes.length - 1)).toBeLessThan(0.03);
    expect(Math.abs(sizes[0]!.bytes / file.bytes.length - 1)).toBeGreaterThan(0.03);
  });

  test('goes on from where it stood, with its normalizations', async () => {
    const recipe = recipeOf({ ...short, lambda: 1e-4 }, { ...short, lambda: 1e-2, from: 1, ramp: 0 });
    const { run } = await compressModel(job({ model: residual(), recipe }));
    expect(run.records[1]!.bytes).toBeLessThan(run.records[0]!.bytes);
    expect(run.state.trainable!.model.graph.nodes.map((n) => n.op)).toContain('BatchNormalization');
  });

  test('cut off anywhere and taken up again, it ends with the same bytes', async () => {
    const recipe = recipeOf({ ...short, lambda: 1e-2, epochs: 3 }, { ...short, lambda: 2e-2, epochs: 2, from: 1, ramp: 0 });
    const unbroken = bytesStore();
    const whole = await bytesOfRun({ model: residual(), store: unbroken, recipe });
    const last = await unbroken.load('step-001');
    expect([...last!.arrays.keys()].some((name) => /trainable.*outer/.test(name))).toBe(true);
    for (const lives of [5, 9, 16]) {
      const store = bytesStore();
      await expect(bytesOfRun({ model: residual(), store: mortal(store, lives), recipe })).rejects.toBeInstanceOf(Crash);
      expect(Buffer.compare(await bytesOfRun({ model: residual(), store, recipe }), whole)).toBe(0);
      // shadow weights too: other bytes may round to the same levels
      expect((await store.load('step-001'))!.arrays).toEqual(last!.arrays);
    }
  });
});
