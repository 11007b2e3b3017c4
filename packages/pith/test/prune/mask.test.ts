import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { type CriterionName, criteria } from '../../src/prune/criteria/list.js';
import { deviation, masks } from '../../src/prune/mask.js';

const layer = (name: string, ...weights: number[]) => ({ name, weights: Float32Array.from(weights) });
const weights = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -10, max: 10 }), { minLength: 1, maxLength: 60 });
const seed = 7;

describe('per layer', () => {
  test('keeps the largest magnitudes of each layer', () => {
    const found = masks([layer('a', 1, -3, 2, 0.5), layer('b', 0.1, 0.2, -0.3, 0.4)], 'magnitude', { scope: 'layer', density: 0.5 });
    expect([...found.get('a')!]).toEqual([0, 1, 1, 0]);
    expect([...found.get('b')!]).toEqual([0, 0, 1, 1]);
  });

  test('takes a density for each layer by name, and refuses a layer without one', () => {
    const layers = [layer('a', 1, 2), layer('b', 1, 2)];
    expect([...masks(layers, 'magnitude', { scope: 'layer', density: { a: 1, b: 0.5 } }).get('b')!]).toEqual([0, 1]);
    expect(() => masks(layers, 'magnitude', { scope: 'layer', density: { a: 1 } })).toThrow(PithError);
  });

  test('equal magnitudes are kept by position, never more than asked for', () => {
    expect([...masks([layer('a', 1, -1, 1, 1)], 'magnitude', { scope: 'layer', density: 0.5 }).get('a')!]).toEqual([1, 1, 0, 0]);
  });

  test.each([-0.1, 1.1, Number.NaN])('a density of %s is refused', (density) => {
    expect(() => masks([layer('a', 1)], 'magnitude', { scope: 'layer', density })).toThrow(
      expect.objectContaining({ code: 'usage.prune' }),
    );
  });
});

describe('over all layers', () => {
  test('plain magnitude empties the layer of small weights, layer-adaptive magnitude does not', () => {
    const layers = [layer('big', 5, 6, 7, 8), layer('small', 0.01, 0.02, 0.03, 0.04)];
    const kept = (criterion: CriterionName) =>
      masks(layers, criterion, { scope: 'global', density: 0.5 })
        .get('small')!
        .reduce((a, b) => a + b, 0);
    expect(kept('magnitude')).toBe(0);
    expect(kept('lamp')).toBeGreaterThan(0);
  });
});

test("the paper's threshold keeps what exceeds quality times the standard deviation of the kept weights", () => {
  const given = layer('a', -2, -1, 0, 1, 2);
  expect(deviation(given.weights)).toBeCloseTo(Math.sqrt(2.5), 12);
  expect([...masks([given], 'magnitude', { scope: 'deviation', quality: 1 }).get('a')!]).toEqual([1, 0, 0, 0, 1]);
});

describe.each(Object.keys(criteria) as CriterionName[])('criterion %s', (name) => {
  test('scores grow with the magnitude inside a layer', () =>
    fc.assert(
      fc.property(weights, (list) => {
        const w = Float32Array.from(list);
        const scores = criteria[name](w);
        for (let i = 0; i < w.length; i++)
          for (let j = 0; j < w.length; j++) if (Math.abs(w[i]!) > Math.abs(w[j]!)) expect(scores[i]!).toBeGreaterThanOrEqual(scores[j]!);
      }),
      { seed, numRuns: 50 },
    ));

  test('a pruned weight is never kept again, and the share is never exceeded', () =>
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (list, density) => {
        const w = Float32Array.from(list);
        const mask = masks([{ name: 'a', weights: w }], name, { scope: 'global', density }).get('a')!;
        let kept = 0;
        mask.forEach((m, i) => {
          kept += m;
          if (w[i] === 0) expect(m).toBe(0);
        });
        expect(kept).toBeLessThanOrEqual(Math.max(1, Math.round(w.length * density)));
      }),
      { seed, numRuns: 200 },
    ));

  test('pruning nothing changes nothing', () => {
    const w = Float32Array.of(3, -1, 0.5);
    expect([...masks([{ name: 'a', weights: w }], name, { scope: 'global', density: 1 }).get('a')!]).toEqual([1, 1, 1]);
  });
});
