/** Compression from end to end: what its bytes depend on, and what they do not. */

import { readPith, toModel } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { syntheticDigits } from '../../src/data/synthetic.js';
import { type CompressionJob, compressModel, densityOf } from '../../src/recipe/compress.js';
import type { StepInput } from '../../src/recipe/recipe.js';
import { evaluate } from '../../src/train/evaluate.js';
import { lenet300 } from '../../src/zoo/lenet-300-100.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { dense, host, stripes } from '../train/tiny.js';
import { job, recipeOf, shortRecipe } from './jobs.js';

const hashOf = async (more: Partial<CompressionJob> = {}): Promise<string> => sha256((await compressModel(job(more))).file.bytes);

/** The short recipe with other settings of one step. */
function changed(index: number, settings: Readonly<Record<string, unknown>>): CompressionJob['recipe'] {
  return { ...shortRecipe, steps: shortRecipe.steps.map((s, i) => (i === index ? ({ ...s, ...settings } as StepInput) : s)) };
}

const usual = await hashOf();

describe('the bytes', () => {
  test('are the same for the same seed', async () => {
    expect(await hashOf()).toBe(usual);
  });

  test.each<[string, Partial<CompressionJob>]>([
    ['the seed', { seed: 8 }],
    ['what the file says of itself', { metadata: new Map([['seed', '8']]) }],
    ['the data', { data: stripes({ seed: 4 }) }],
    ['how pixels become numbers', { preprocess: { scale: 1 / 128, mean: [0], std: [1], layout: 'chw' } }],
    ['density', { recipe: changed(0, { threshold: { scope: 'global', density: 0.4 } }) }],
    ['scope', { recipe: changed(0, { threshold: { scope: 'layer', density: 0.5 } }) }],
    ['the threshold by deviation', { recipe: changed(0, { threshold: { scope: 'deviation', quality: 0.7 } }) }],
    ['criterion', { recipe: changed(0, { criterion: 'magnitude' }) }],
    ['epochs', { recipe: changed(1, { epochs: 2 }) }],
    ['batch', { recipe: changed(1, { batch: 12 }) }],
    ['rate', { recipe: changed(1, { rate: 0.04 }) }],
    ['momentum', { recipe: changed(1, { momentum: 0.8 }) }],
    ['nesterov', { recipe: changed(1, { nesterov: true }) }],
    ['optimizer', { recipe: changed(1, { optimizer: 'adam' }) }],
    ['schedule', { recipe: changed(1, { schedule: { kind: 'constant' } }) }],
    ['warm-up', { recipe: changed(1, { schedule: { kind: 'cosine', warmup: 0.7 } }) }],
    ['loss', { recipe: changed(1, { loss: 'mean-squared-error' }) }],
    ['label smoothing', { recipe: changed(1, { labelSmoothing: 0.1 }) }],
    ['weight decay', { recipe: changed(1, { weightDecay: 0.1 }) }],
    ['clipping', { recipe: changed(1, { clipNorm: 0.1 }) }],
    ['augmentation', { recipe: changed(1, { augment: 'flip' }) }],
    ['what is frozen', { recipe: changed(1, { frozen: ['fc1.bias'] }) }],
    ['the threshold by sensitivity', { recipe: changed(0, { threshold: { scope: 'sensitivity', tolerance: 0.1 } }) }],
    ['averaging', { recipe: changed(3, { averaging: { from: 0, every: 1, decay: 0.5 } }) }],
    ['bits', { recipe: changed(2, { bits: 2 }) }],
    ['bits of one layer', { recipe: changed(2, { bits: { linear: 3, 'fc2.weight': 2 } }) }],
    ['bits of positions', { recipe: changed(2, { gapBits: 2 }) }],
    ['initialisation', { recipe: changed(2, { initialisation: 'linear' }) }],
    ['iterations', { recipe: changed(2, { iterations: 1 }) }],
  ])('depend on %s', async (_, more) => {
    expect(await hashOf(more)).not.toBe(usual);
  });

  test('do not depend on the name of the recipe, the clock or the store', async () => {
    const later = { ...host(), clock: () => 1e9 };
    expect(await hashOf({ recipe: { ...shortRecipe, name: 'other' }, host: later })).toBe(usual);
  });
});

describe('digits that pith draws', () => {
  const model = buildNetwork(
    {
      ...lenet300,
      name: 'small',
      build: (l, image, n) => l.full(l.relu(l.full(l.flatten(image, 'flat'), { name: 'fc1', out: 20 }), 'relu'), { name: 'fc2', out: n }),
    },
    { seed: 2 },
  );
  const recipe = recipeOf(
    { use: 'train', epochs: 6, batch: 32, rate: 0.05, nesterov: true },
    { use: 'prune', criterion: 'lamp', threshold: { scope: 'global', density: 0.15 } },
    { use: 'train', epochs: 4, batch: 32, rate: 0.03 },
    { use: 'share', bits: 4 },
    { use: 'train', epochs: 1, batch: 32, rate: 0.001, optimizer: 'adam' },
  );

  test('are learnt, and told apart by a file of a twentieth of the size', async () => {
    const data = syntheticDigits({ train: 600, test: 200 });
    const { run, file, decoded, decodedError } = await compressModel(job({ model, data, recipe }));
    expect(run.reference.error).toBeGreaterThan(0.7);
    expect(run.records[0]!.error).toBeLessThan(0.3);
    expect(decodedError).toBeLessThan(0.3);
    expect(decodedError).toBe(run.records.at(-1)!.error);
    expect(file.bytes.length).toBe(run.records.at(-1)!.bytes);
    expect(file.bytes.length).toBeLessThan((4 * 15_910) / 20);
    expect(densityOf(run.state)).toBeCloseTo(0.15, 2);
    const again = toModel(readPith(file.bytes));
    expect(again).toEqual(decoded);
    const found = await evaluate({ engine: host().engine, model: again, split: data.test, preprocess: job().preprocess });
    expect(found.error).toBe(decodedError);
  });
});

describe('targets', () => {
  test('of a named recipe are met, or the best there was is kept and said to miss them', async () => {
    const data = stripes();
    const engine = {
      ...host(),
      source: (o: Parameters<ReturnType<typeof host>['source']>[0]) => host().source({ ...o, augment: undefined }),
    };
    const common = { recipe: 'deep-compression', epochs: 2, density: 0.5, host: engine, data } as const;
    const loose = await compressModel(job({ ...common, targets: { maxSize: 550 } }));
    expect(loose.run.met).toBe(true);
    expect(loose.file.bytes.length).toBeLessThanOrEqual(550);
    const tight = await compressModel(job({ ...common, targets: { maxSize: 90 } }));
    expect(tight.run.met).toBe(false);
    expect(tight.file.bytes.length).toBe(
      Math.min(...tight.run.records.filter((r, i, all) => all[i + 1]?.round !== r.round).map((r) => r.bytes)),
    );
  });

  test.each<[string, Partial<CompressionJob>, string]>([
    ['an unknown name', { recipe: 'shallow-compression' }, 'usage.recipe'],
    ['a density of 0', { recipe: 'deep-compression', knobs: { density: 0 } }, 'usage.density'],
    ['a density that is no number', { recipe: 'deep-compression', knobs: { density: Number.NaN } }, 'usage.density'],
    ['a size below 0', { recipe: 'deep-compression', targets: { maxSize: -5 } }, 'usage.target'],
    ['a drop that is no number', { recipe: 'deep-compression', targets: { maxDrop: Number.NaN } }, 'usage.target'],
    ['a target for a list of steps', { targets: { maxSize: 500 } }, 'usage.recipe'],
    ['a density for a list of steps', { knobs: { density: 0.5 } }, 'usage.recipe'],
    ['a density for a recipe without one', { recipe: 'rated', knobs: { density: 0.5 } }, 'usage.recipe'],
    ['an infinite λ', { recipe: 'rated', knobs: { lambda: Number.POSITIVE_INFINITY } }, 'usage.rate'],
    ['a λ below 0', { recipe: 'rated', knobs: { lambda: -1 } }, 'usage.rate'],
    ['a curve without a point', { recipe: 'rated', knobs: { frontier: [] } }, 'usage.frontier'],
    ['a curve of too many points', { recipe: 'rated', knobs: { frontier: Array.from({ length: 65 }, (_, i) => i + 1) } }, 'usage.frontier'],
    ['a curve with λ = 0', { recipe: 'rated', knobs: { frontier: [0, 1e-5] } }, 'usage.frontier'],
    ['a curve with λ that is no number', { recipe: 'rated', knobs: { frontier: [1e-5, Number.NaN] } }, 'usage.frontier'],
    ['a curve with infinite λ', { recipe: 'rated', knobs: { frontier: [Number.POSITIVE_INFINITY] } }, 'usage.frontier'],
    ['a curve that goes back', { recipe: 'rated', knobs: { frontier: [2e-5, 1e-5] } }, 'usage.frontier'],
    ['an augmentation that is none', { recipe: 'rated', knobs: { augment: 'twirl:by=3' } }, 'usage.augment'],
    ['half a unit', { recipe: 'rated', knobs: { slim: [2.5] } }, 'usage.slim'],
    ['units of layers that are not there', { recipe: 'rated', knobs: { slim: [4, 4, 4] } }, 'usage.slim'],
    ['a list of unknown steps', { recipe: { version: 1, name: 'x', steps: [{ use: 'shrink' }] } as never }, 'usage.recipe'],
  ])('%s is refused before anything is run', async (_, more, code) => {
    const events: unknown[] = [];
    const store = { ...job().store, event: async (e: unknown) => void events.push(e) };
    await expect(compressModel(job({ ...more, store }))).rejects.toMatchObject({ code });
    expect(events).toEqual([]);
  });
});

test('a model without weights of layers is kept whole', () => {
  expect(
    densityOf({ model: { ...dense(), graph: { ...dense().graph, initializers: new Map() } }, states: new Map(), statistics: new Map() }),
  ).toBe(1);
});
