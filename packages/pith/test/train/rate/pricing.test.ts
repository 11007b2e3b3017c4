/** λ follows the size of the file, and a training that is taken up again steers as if it had not stopped. */
import { describe, expect, test } from 'vitest';
import { Pricing } from '../../../src/train/rate/pricing.js';

const pricing = (kept?: ReadonlyMap<string, Float32Array>) => new Pricing({ shapes: new Map(), lambda: 1, from: 0.1, ramp: 0.25, kept });

describe('Steering λ', () => {
  test('drives a file that is too large, spares one that is too small, each by no more than is allowed', () => {
    const lambdaAfter = (bytes: number): number => {
      const p = pricing();
      p.steer(bytes, 1000, 4, 2);
      return p.lambda;
    };
    expect([10_000, 1050, 1000, 950, 10].map(lambdaAfter)).toEqual([
      2,
      expect.closeTo(1.05 ** 4, 5),
      1,
      expect.closeTo(0.95 ** 4, 5),
      0.25,
    ]);
  });

  test('looks ahead where a file falls, not where it grows', () => {
    const lambdaAfter = (...sizes: readonly number[]): number => {
      const p = pricing();
      for (const bytes of sizes.slice(0, -1)) p.steer(bytes, bytes, 1, 1);
      p.steer(sizes.at(-1)!, 1000, 100, 100);
      return p.lambda;
    };
    expect(lambdaAfter(1100, 1100), 'one that stands is driven').toBeGreaterThan(1);
    expect(lambdaAfter(1300, 1100), 'one that will be too small is spared').toBeCloseTo((1100 ** 2 / 1300 / 1000) ** 4, 4);
    expect(lambdaAfter(900, 1100), 'one that grows is as large as it is').toBeCloseTo(1.1 ** 4, 4);
  });

  test('goes on from its entries', () => {
    const whole = pricing();
    whole.steer(2000, 1000, 3, 3);
    const taken = pricing(new Map(whole.entries()));
    for (const p of [whole, taken]) p.steer(1500, 1000, 3, 3);
    expect(taken.lambda).toBe(whole.lambda);
    const forgetful = pricing(new Map(whole.entries().filter(([name]) => !name.startsWith('size'))));
    forgetful.steer(1500, 1000, 3, 3);
    expect(forgetful.lambda / whole.lambda, 'a twin that has forgotten the size before').not.toBeCloseTo(1, 3);
  });
});

describe('The estimate of the bytes', () => {
  const none = new Map();
  const after = (p: Pricing, ...sizes: readonly number[]): Pricing => {
    for (const bytes of sizes) p.coded(none, bytes);
    return p;
  };

  test('is unknown before the first file, then what that was, then goes on as files went', () => {
    expect(pricing().estimate(none)).toBeUndefined();
    expect(after(pricing(), 1000).estimate(none)).toBe(1000);
    expect(after(pricing(), 1000, 1000).estimate(none)).toBe(1000);
    expect(after(pricing(), 1000, 1100).estimate(none), 'half of the way on').toBe(Math.round(1100 * 1.1 ** 0.5));
    expect(after(pricing(), 1000, 1100, 1210, 1331).estimate(none), 'nearly all of it').toBe(Math.round(1331 * 1.1 ** 0.875));
  });

  test('goes on from its entries', () => {
    const whole = after(pricing(), 1000, 1100);
    const taken = pricing(new Map(whole.entries()));
    const forgetful = pricing(new Map(whole.entries().filter(([name]) => name !== 'estimate/drift')));
    expect(taken.estimate(none)).toBe(whole.estimate(none));
    expect(forgetful.estimate(none), 'a twin that has forgotten how files went').toBe(1100);
    expect(after(taken, 1200).estimate(none)).toBe(after(whole, 1200).estimate(none));
  });
});
