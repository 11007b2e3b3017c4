import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { parametrizationOf, type WeightState } from '../../src/parametrization/list.js';
import { codeCompression } from '../../src/recipe/code.js';
import { densityOf } from '../../src/recipe/compress.js';
import { parseStep, type StepInput } from '../../src/recipe/recipe.js';
import { restoreCompression, saveCompression } from '../../src/recipe/saved.js';
import type { Compression, StepContext, StepKind } from '../../src/recipe/step.js';
import { steps } from '../../src/recipe/steps/list.js';
import { dense, host, normalized, stripes } from '../train/tiny.js';

const context = (reference: Model): StepContext => ({
  reference,
  teachers: [reference],
  bytesOf: (c) => codeCompression(c, new Map()).bytes.length,
  host: host(),
  data: stripes(),
  preprocess: defaultPreprocess,
  seed: 3,
  random: new Random(9),
});
const fresh = (model: Model): Compression => ({ model, states: new Map(), statistics: new Map() });

async function run(before: Compression, ...list: readonly StepInput[]): Promise<Compression> {
  let at = before;
  for (const [i, given] of list.entries()) {
    const { use, ...settings } = parseStep(given, `step ${i + 1}`);
    at = (await (steps[use] as unknown as StepKind<never>).run(at, settings as never, context(before.model))).after;
  }
  return at;
}

const weights = (state: WeightState): Float32Array => parametrizationOf(state).dense(state);
const kept = (c: Compression, name: string): number => weights(c.states.get(name)!).filter((w) => w !== 0).length;

describe('prune', () => {
  test('keeps the wanted share of all weights together, of weights only', async () => {
    const after = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'global', density: 0.25 } });
    expect([...after.states.keys()].sort()).toEqual(['fc1.weight', 'fc2.weight']);
    expect(kept(after, 'fc1.weight') + kept(after, 'fc2.weight')).toBe((12 * 16 + 3 * 12) / 4);
    expect(densityOf(after)).toBe(0.25);
    expect([...after.states.values()].every((s) => s.kind === 'sparse')).toBe(true);
  });

  test('keeps a share of each layer by its name', async () => {
    const density = { 'fc1.weight': 0.5, 'fc2.weight': 0.25 };
    const after = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'layer', density } });
    expect([kept(after, 'fc1.weight'), kept(after, 'fc2.weight')]).toEqual([96, 9]);
  });

  test('never brings back what was pruned before, and leaves the values of what stays', async () => {
    const once = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const twice = await run(once, { use: 'prune', threshold: { scope: 'global', density: 0.3 } });
    const looser = await run(twice, { use: 'prune', threshold: { scope: 'global', density: 0.9 } });
    for (const name of once.states.keys()) {
      const [a, b, c] = [once, twice, looser].map((s) => weights(s.states.get(name)!));
      b!.forEach((w, i) => {
        if (w !== 0) expect(w).toBe(a![i]);
      });
      expect(c).toEqual(b);
    }
  });

  test('does not touch what it was given', async () => {
    const before = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const copy = structuredClone([...before.states]);
    await run(
      before,
      { use: 'prune', threshold: { scope: 'global', density: 0.1 } },
      { use: 'share', bits: 2 },
      { use: 'train', epochs: 1, batch: 12, rate: 0.1 },
    );
    expect([...before.states]).toEqual(copy);
  });

  test('keeps of each layer what a scan of its own finds that it needs', async () => {
    const trained = await run(fresh(dense()), { use: 'train', epochs: 30, batch: 12, rate: 0.1 });
    const by = (tolerance: number) => run(trained, { use: 'prune', threshold: { scope: 'sensitivity', tolerance } });
    const [strict, loose] = [densityOf(await by(0.01)), densityOf(await by(0.3))];
    expect(loose).toBeLessThan(strict);
    expect(densityOf(await by(1))).toBeCloseTo(0.02, 1);
  });

  test.each([
    { scope: 'global', density: 1.5 },
    { scope: 'layer', density: { 'fc1.weight': 0.5 } },
    { scope: 'deviation', quality: -1 },
  ] as const)('refuses %o', async (threshold) => {
    await expect(run(fresh(dense()), { use: 'prune', threshold })).rejects.toMatchObject({ code: 'usage.prune' });
  });
});

describe('share', () => {
  const clusters = (c: Compression, name: string): number => {
    const state = c.states.get(name)!;
    return state.kind === 'shared' ? state.codebook.length : 0;
  };
  const gaps = (c: Compression): (number | undefined)[] => [...c.states.values()].map((s) => (s.kind === 'shared' ? s.gapBits : undefined));

  test('leaves zeros zero and makes the rest one of 2^bits values', async () => {
    const pruned = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const after = await run(pruned, { use: 'share', bits: 3, initialisation: 'density' });
    for (const [name, state] of after.states) {
      const [before, now] = [weights(pruned.states.get(name)!), weights(state)];
      expect(now.map((w) => Number(w !== 0))).toEqual(before.map((w) => Number(w !== 0)));
      expect(new Set(now).size).toBeLessThanOrEqual(9);
      expect(clusters(after, name)).toBe(8);
    }
  });

  test('takes bits for all, by role and by name; what is not named has those of the paper', async () => {
    const sizes = async (bits: number | Record<string, number>) => {
      const after = await run(fresh(normalized()), { use: 'share', bits, gapBits: bits, initialisation: 'density' });
      return [clusters(after, 'conv.weight'), clusters(after, 'fc.weight'), ...gaps(after)];
    };
    expect(await sizes(2)).toEqual([4, 4, 2, 2]);
    expect(await sizes({ linear: 3 })).toEqual([36, 8, 8, 3]); // a convolution of 36 weights has at most 36 centroids
    expect(await sizes({ linear: 3, convolution: 4 })).toEqual([16, 8, 4, 3]);
    expect(await sizes({ 'conv.weight': 1, convolution: 4 })).toEqual([2, 32, 1, 5]);
    expect(await sizes({})).toEqual([36, 32, 8, 5]);
  });

  test.each(['bits', 'gapBits'])('refuses %s of a layer that is not there', async (setting) => {
    await expect(run(fresh(dense()), { use: 'share', [setting]: { 'fc9.weight': 3 } })).rejects.toMatchObject({
      code: 'usage.recipe',
      detail: { got: 'fc9.weight' },
    });
  });

  test.each(['linear', 'density', 'random'] as const)('with %s initialisation is the same twice', async (initialisation) => {
    const [a, b] = [
      await run(fresh(dense()), { use: 'share', bits: 3, initialisation }),
      await run(fresh(dense()), { use: 'share', bits: 3, initialisation }),
    ];
    expect(a.states).toEqual(b.states);
  });
});

describe('train', () => {
  test('trains every parameter through its parametrization, and statistics', async () => {
    const before = await run(fresh(normalized()), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const after = await run(before, { use: 'train', epochs: 1, batch: 12, rate: 0.1 });
    expect([...after.states.keys()].sort()).toEqual(['bn.bias', 'bn.weight', 'conv.weight', 'fc.bias', 'fc.weight']);
    expect(densityOf(after)).toBe(densityOf(before));
    expect([...after.statistics.keys()].sort()).toEqual(['bn.running_mean', 'bn.running_var']);
    const again = await run(after, { use: 'train', epochs: 1, batch: 12, rate: 0.1 });
    expect(again.statistics.get('bn.running_mean')).not.toEqual(after.statistics.get('bn.running_mean'));
  });

  test('leaves what is frozen as it is, pruned or shared', async () => {
    const pruned = await run(fresh(dense()), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const before = { ...pruned, states: new Map(pruned.states) };
    const frozen = ['fc1.weight', 'fc2.bias'];
    const after = await run(before, { use: 'train', epochs: 1, batch: 12, rate: 0.1, frozen });
    expect(after.states.get('fc1.weight')).toEqual(before.states.get('fc1.weight'));
    expect([...after.states.keys()].sort()).toEqual(['fc1.bias', 'fc1.weight', 'fc2.weight']);
    expect(after.states.get('fc2.weight')).not.toEqual(before.states.get('fc2.weight'));
    const wrong = run(before, { use: 'train', epochs: 1, batch: 12, rate: 0.1, frozen: ['fc9.weight'] });
    await expect(wrong).rejects.toMatchObject({ code: 'usage.recipe', detail: { got: 'fc9.weight' } });
  });

  test('takes the whole set as one batch where it has fewer images than the batch', async () => {
    const after = await run(fresh(dense()), { use: 'train', epochs: 1, batch: 1000, rate: 0.1 });
    expect(after.states.size).toBe(4);
  });
});

describe('what is saved', () => {
  test('is every bit of a compression', async () => {
    const model = normalized();
    const c = await run(
      fresh(model),
      { use: 'prune', threshold: { scope: 'global', density: 0.5 } },
      { use: 'train', epochs: 1, batch: 12, rate: 0.1 },
      { use: 'share', bits: { 'fc.weight': 3 } },
      { use: 'train', epochs: 1, batch: 12, rate: 0.01 },
    );
    const { arrays, saved } = saveCompression(c, model);
    expect(restoreCompression(model, arrays, JSON.parse(JSON.stringify(saved)) as typeof saved)).toEqual(c);
    const sparse = await run(fresh(model), { use: 'prune', threshold: { scope: 'global', density: 0.5 } });
    const other = saveCompression(sparse, model);
    expect(restoreCompression(model, other.arrays, other.saved)).toEqual(sparse);
  });

  test('is refused where an array is missing or of another kind', async () => {
    const model = dense();
    const { arrays, saved } = saveCompression(await run(fresh(model), { use: 'share', bits: 3 }), model);
    for (const name of arrays.keys()) {
      const without = new Map([...arrays].filter(([n]) => n !== name));
      const other = new Map(arrays).set(name, arrays.get(name) instanceof Float32Array ? new Uint8Array(4) : new Float32Array(4));
      for (const wrong of [without, other])
        expect(() => restoreCompression(model, wrong, saved), name).toThrow(expect.objectContaining({ code: 'input.checkpoint' }));
    }
    const unknown = { ...saved, weights: saved.weights.map((w) => ({ ...w, kind: 'constructor' })) };
    expect(() => restoreCompression(model, arrays, unknown)).toThrow(expect.objectContaining({ code: 'input.checkpoint' }));
  });
});
