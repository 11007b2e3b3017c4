import { describe, expect, test } from 'vitest';
import { parseRecipe } from '../../src/recipe/recipe.js';
import { densityRecipe } from '../../src/recipe/recipes/deep-compression.js';
import { recipes } from '../../src/recipe/recipes/list.js';
import { steps } from '../../src/recipe/steps/list.js';
import { dense } from '../train/tiny.js';

const recipe = (...list: readonly unknown[]) => ({ version: 1, name: 'r', steps: list });
const train = { use: 'train', epochs: 2, rate: 0.1 };
const pruned = { use: 'prune', threshold: { scope: 'global', density: 0.1 } };

function refusal(given: unknown): unknown {
  try {
    return parseRecipe(given);
  } catch (error) {
    return error;
  }
}

describe('a recipe', () => {
  test('has all settings after it was read, and reads back to itself', () => {
    const read = parseRecipe(recipe(pruned, train, { use: 'share' }));
    expect(read.steps).toEqual([
      { use: 'prune', criterion: 'magnitude', threshold: { scope: 'global', density: 0.1 } },
      {
        use: 'train',
        epochs: 2,
        batch: 64,
        optimizer: 'sgd',
        momentum: 0.9,
        nesterov: false,
        rate: 0.1,
        schedule: { kind: 'cosine' },
        loss: 'softmax-cross-entropy',
        labelSmoothing: 0,
        weightDecay: 0,
        clipNorm: 0,
        frozen: [],
        augment: 'none',
      },
      {
        use: 'share',
        bits: { convolution: 8, linear: 5, embedding: 5 },
        gapBits: { convolution: 8, linear: 5, embedding: 5 },
        initialisation: 'linear',
        iterations: 100,
      },
    ]);
    expect(parseRecipe(JSON.parse(JSON.stringify(read)))).toEqual(read);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'recipe'],
    ['another version', { version: 2, name: 'r', steps: [train] }, 'recipe: version'],
    ['no steps', recipe(), 'recipe: steps'],
    ['a step without a name', recipe({ epochs: 1 }), 'recipe: steps.0.use'],
    ['an unknown key', { ...recipe(train), seed: 1 }, 'recipe'],
    ['an unknown step', recipe(train, { use: 'prun' }), 'step 2'],
    ['a step named as a method of objects', recipe({ use: 'constructor' }), 'step 1'],
    ['an unknown setting', recipe(train, { ...train, epoch: 3 }), 'step 2 (train)'],
    ['a missing setting', recipe({ use: 'train', epochs: 1 }), 'step 1 (train): rate'],
    ['a setting of another type', recipe({ ...train, epochs: '3' }), 'step 1 (train): epochs'],
    ['a fraction of an epoch', recipe({ ...train, epochs: 1.5 }), 'step 1 (train): epochs'],
    ['a rate of 0', recipe({ ...train, rate: 0 }), 'step 1 (train): rate'],
    ['an unknown schedule', recipe({ ...train, schedule: { kind: 'linear' } }), 'step 1 (train): schedule.kind'],
    ['an unknown optimizer', recipe({ ...train, optimizer: 'lion' }), 'step 1 (train): optimizer'],
    ['an unknown augmentation', recipe({ ...train, augment: 'twist:by=3' }), 'step 1 (train): augment'],
    ['no threshold', recipe({ use: 'prune' }), 'step 1 (prune): threshold'],
    ['an unknown criterion', recipe({ ...pruned, criterion: 'luck' }), 'step 1 (prune): criterion'],
    [
      'an unknown setting inside a setting',
      recipe({ use: 'prune', threshold: { scope: 'global', density: 1, quality: 1 } }),
      'step 1 (prune): threshold',
    ],
    ['too many bits', recipe({ use: 'share', bits: 16 }), 'step 1 (share): bits'],
    ['bits of no number', recipe({ use: 'share', gapBits: { linear: 'five' } }), 'step 1 (share): gapBits'],
    ['an unknown initialisation', recipe({ use: 'share', initialisation: 'best' }), 'step 1 (share): initialisation'],
  ])('with %s is refused with the place', (_, given, option) => {
    expect(refusal(given)).toMatchObject({ code: 'usage.recipe', detail: { at: { option } } });
  });

  test('may say how images are changed by the word `usual`, as text or as an object', () => {
    for (const augment of ['usual', 'flip;crop:pad=4', { flip: {} }])
      expect(parseRecipe(recipe({ ...train, augment })).steps[0]).toMatchObject({ augment });
  });
});

test('every step says what it does', () => {
  expect(Object.keys(steps)).toEqual(Object.keys(steps).sort());
  for (const step of Object.values(steps)) expect(step.what).toMatch(/^\w.+/);
});

test.each([1, 0.3, 0.05, 0.001, 1e-5])('deep compression can be read at density %s', (density) => {
  for (const list of [densityRecipe.whole({ density, epochs: 10 }), densityRecipe.further({ density, epochs: 10 })])
    expect(parseRecipe({ version: 1, name: 'deep', steps: list }).steps.length).toBeGreaterThan(1);
});

test.each(recipes.map((r) => [r.name, r] as const))('the recipe %s plans a first step, and says what it is', (name, named) => {
  const next = named.planner({ model: dense(), targets: { maxSize: 1000 }, knobs: { epochs: 3 } })([], 0.1);
  expect(next).toMatchObject({ kind: 'step', from: -1, round: 0 });
  expect(name).toMatch(/^[a-z-]+$/);
  expect(named.what).not.toBe('');
  expect(named.takes).toContain('epochs');
});
