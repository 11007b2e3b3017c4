import { describe, expect, test } from 'vitest';
import { constantByDrafts, type Measured, meetTargets, type SqueezeTargets } from '../../src/squeeze/targets.js';

const constants = { least: 1e-4, usual: 0.2, most: 100 };

/** A network of a million weights whose outputs go wrong with the square of the constant. */
const measured = (constant: number, scale = 1): Measured => ({
  bytes: Math.round(400 + 125_000 * Math.log2(1 + 6 / constant)),
  fidelity: scale * constant > 5 ? Number.NaN : 1 - 0.02 * (scale * constant) ** 2,
  drop: 40 * (scale * constant) ** 2 - 0.2,
});

const meet = (targets: SqueezeTargets, scale = 1) => meetTargets({ targets, constants, probe: async (c) => measured(c, scale) });

describe('without a target', () => {
  test('the usual constant is taken where it is faithful', async () => {
    expect(await meet({})).toMatchObject({ met: true, best: { constant: 0.2 }, trials: { length: 1 } });
  });

  test('a finer one is looked for where it is not', async () => {
    const { best, met, trials } = await meet({}, 20);
    expect(met).toBe(true);
    expect(best.value.fidelity).toBeGreaterThan(0.995);
    expect(best.value.fidelity).toBeLessThan(0.9955);
    expect(trials.length).toBeLessThanOrEqual(6);
  });
});

describe('a size', () => {
  test('is met from below', async () => {
    const { best, met } = await meet({ maxBytes: 300_000 });
    expect(met).toBe(true);
    expect(best.value.bytes).toBeLessThanOrEqual(300_000);
    expect(best.value.bytes).toBeGreaterThan(297_000);
  });

  test('at which the outputs are broken is missed, by the smallest file that is not', async () => {
    const { best, met } = await meet({ maxBytes: 300_000 }, 5);
    expect(met).toBe(false);
    expect(best.value.bytes).toBeGreaterThan(300_000);
    expect(best.value.fidelity).toBeGreaterThanOrEqual(0.9);
    expect(best.value.fidelity).toBeLessThan(0.93);
  });

  test('that no constant gives is missed by a file that is sound', async () => {
    const { best, met } = await meet({ maxBytes: 300 });
    expect(met).toBe(false);
    expect(best.value.fidelity).toBeGreaterThanOrEqual(0.9);
  });
});

describe('a quality', () => {
  test.each([0.9, 0.99, 0.999, 0.9999])('of %d is met by nearly the smallest file', async (minFidelity) => {
    const { best, met } = await meet({ minFidelity });
    expect(met).toBe(true);
    expect((1 - best.value.fidelity) / (1 - minFidelity)).toBeGreaterThan(0.9);
  });

  test('that none has is missed by the most faithful file', async () => {
    const { best, met, trials } = await meetTargets({
      targets: { minFidelity: 0.999 },
      constants,
      probe: async (c) => ({ ...measured(c), fidelity: Math.min(0.98, measured(c).fidelity) }),
    });
    expect(met).toBe(false);
    expect(best.value.fidelity).toBe(0.98);
    expect(trials.length).toBeLessThanOrEqual(12);
  });

  test('and a size must both hold', async () => {
    expect((await meet({ minFidelity: 0.99, maxBytes: 500_000 })).met).toBe(true);
    expect((await meet({ minFidelity: 0.9999, maxBytes: 500_000 })).met).toBe(false);
  });

  test('of labels is the rise of the error, and the stricter of two decides', async () => {
    const { best, met } = await meet({ maxDrop: 0.5 });
    expect(met).toBe(true);
    expect(best.value.drop).toBeGreaterThan(0.4);
    expect((await meet({ maxDrop: 0.5, minFidelity: 0.99999 })).best.value.fidelity).toBeGreaterThanOrEqual(0.99999);
    expect((await meet({ maxDrop: 0.5, minFidelity: 0.9 })).best.value.drop).toBeLessThanOrEqual(0.5);
  });

  test('is no reason to keep a broken file', async () => {
    const { best } = await meetTargets({
      targets: { maxDrop: 1 },
      constants,
      probe: async () => ({ bytes: 1, fidelity: Number.NaN, drop: 0 }),
    });
    expect(best.value.fidelity).toBeNaN();
  });
});

test('drafts say where a search for a size begins', async () => {
  const constants = { least: 1e-4, usual: 0.1, most: 10 };
  const asked: number[] = [];
  const probe = async (constant: number): Promise<number> => {
    asked.push(constant);
    return 1000 / Math.sqrt(constant);
  };
  const constant = await constantByDrafts({ maxBytes: 2000, constants, probe });
  expect(1000 / Math.sqrt(constant)).toBeLessThanOrEqual(2000);
  expect(1000 / Math.sqrt(constant)).toBeGreaterThan(1900);
  expect(asked.length).toBeLessThan(7);
  // nothing is small enough: as small as it gets
  expect(await constantByDrafts({ maxBytes: 10, constants, probe })).toBe(constants.most);
});
