/** The search for a density, on simulated networks: measured bytes and error are functions of the density. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStep } from '../../src/recipe/recipe.js';
import { type DensityRecipe, searchPlan } from '../../src/recipe/search/density.js';
import { fixedPlan, type Measured, type Planner, type Targets } from '../../src/recipe/targets.js';

const named: DensityRecipe = {
  name: 'simulated',
  density: 0.1,
  whole: ({ density, epochs }) => [
    { use: 'prune', threshold: { scope: 'global', density: Math.min(1, 2 * density) } },
    { use: 'train', epochs, rate: 0.1 },
    { use: 'prune', threshold: { scope: 'global', density } },
    { use: 'train', epochs, rate: 0.1 },
    { use: 'share' },
    { use: 'train', epochs, rate: 0.1 },
  ],
  further: ({ density, epochs }) => [
    { use: 'prune', threshold: { scope: 'global', density } },
    { use: 'train', epochs, rate: 0.1 },
    { use: 'share' },
    { use: 'train', epochs, rate: 0.1 },
  ],
};

interface Network {
  readonly bytes: (density: number) => number;
  readonly error: (density: number) => number;
}

interface Searched {
  readonly records: readonly (Measured & { readonly from: number })[];
  readonly ends: readonly Measured[];
  readonly chosen: Measured;
  readonly met: boolean;
}

const referenceError = 0.01;

function search(planner: Planner, { bytes, error }: Network): Searched {
  const records: (Measured & { from: number })[] = [];
  for (let n = 0; n < 200; n++) {
    const next = planner(records, referenceError);
    // through JSON, as a run folder keeps them
    expect(planner(JSON.parse(JSON.stringify(records)) as Measured[], referenceError)).toEqual(next);
    if (next.kind === 'end') {
      const ends = records.filter((r, i) => records[i + 1]?.round !== r.round);
      return { records, ends, chosen: records[next.chosen]!, met: next.met };
    }
    expect(next.from).toBeLessThan(records.length);
    records.push({ from: next.from, round: next.round, aim: next.aim, use: next.step.use, bytes: bytes(next.aim), error: error(next.aim) });
  }
  throw new Error('it did not end');
}

/** 2 kB beside the weights; below a density of 0.05 the error rises. */
const usual: Network = { bytes: (d) => Math.round(2000 + 200_000 * d), error: (d) => 0.01 + Math.max(0, 0.05 - d) };

const find = (targets: Targets, network = usual, density?: number): Searched =>
  search(searchPlan({ recipe: named, targets, density, epochs: 3 }), network);

const meets = (r: Measured, { maxSize, maxDrop }: Targets): boolean =>
  r.bytes <= (maxSize ?? Number.POSITIVE_INFINITY) && r.error - referenceError <= (maxDrop ?? Number.POSITIVE_INFINITY) + 1e-8;

describe('without a target', () => {
  test('one round is run, at the density of the recipe or the given one', () => {
    for (const [density, aim] of [
      [undefined, 0.1],
      [0.3, 0.3],
    ] as const) {
      const { records, met } = find({}, usual, density);
      expect(records.map((r) => r.use)).toEqual(['prune', 'train', 'prune', 'train', 'share', 'train']);
      expect(records.map((r) => r.from)).toEqual([-1, 0, 1, 2, 3, 4]);
      expect(records.every((r) => r.aim === aim && r.round === 0)).toBe(true);
      expect(met).toBe(true);
    }
  });
});

describe('a largest size', () => {
  test.each([30_000, 22_000, 10_000, 5000, 3000, 2400, 2200])('of %s bytes is met', (maxSize) => {
    const { chosen, met } = find({ maxSize });
    expect(met).toBe(true);
    expect(chosen.bytes).toBeLessThanOrEqual(maxSize);
  });

  test('is met by no smaller a density than it needs, about', () => {
    expect(find({ maxSize: 5000 }).chosen.bytes).toBeGreaterThan(3500);
  });

  test('below what the file holds beside weights is not met, and the smallest file is the best there was', () => {
    const { ends, chosen, met } = find({ maxSize: 1900 });
    expect(met).toBe(false);
    expect(chosen.bytes).toBe(Math.min(...ends.map((r) => r.bytes)));
  });

  test('starts each further round from the pruned state of the one before, ahead of sharing', () => {
    const { records } = find({ maxSize: 8000 });
    const second = records.findIndex((r) => r.round === 1);
    expect(records[second]).toMatchObject({ use: 'prune', from: 3 });
    expect(
      records
        .slice(second)
        .filter((r) => r.round === 1)
        .map((r) => r.use),
    ).toEqual(['prune', 'train', 'share', 'train']);
  });
});

describe('a largest drop', () => {
  test('is used up: the density is within a fifth of the smallest that holds', () => {
    const { chosen, met } = find({ maxDrop: 0.01 }); // holds from 0.04 on
    expect(met).toBe(true);
    expect(chosen.aim).toBeGreaterThanOrEqual(0.04 - 1e-9);
    expect(chosen.aim).toBeLessThan(0.04 * 1.2);
  });

  test('that the first density misses is met by a larger one, begun from the reference', () => {
    const network: Network = { ...usual, error: (d) => 0.01 + Math.max(0, 0.4 - d) };
    const { records, chosen, met } = find({ maxDrop: 0.001 }, network);
    expect(met).toBe(true);
    expect(chosen.aim).toBeGreaterThanOrEqual(0.399);
    const larger = records.find((r) => r.round === 1)!;
    expect(larger).toMatchObject({ from: -1 });
    expect(larger.aim).toBeGreaterThan(0.1);
  });

  test('that not even all weights meet is reported, with the round that misses it least', () => {
    const network: Network = { ...usual, error: (d) => 0.5 - 0.1 * d };
    const { ends, chosen, met } = find({ maxDrop: 0.001 }, network);
    expect(met).toBe(false);
    expect(ends.at(-1)!.aim).toBe(1);
    expect(chosen.error).toBe(Math.min(...ends.map((r) => r.error)));
  });

  test('of nothing is met where the error does not rise', () => {
    expect(find({ maxDrop: 0 })).toMatchObject({ met: true });
  });
});

describe('both', () => {
  test.each([
    [12_000, 0.01],
    [10_200, 0.01],
    [40_000, 0],
    [12_100, 0.0005],
  ])('of %s bytes and a drop of %s are met', (maxSize, maxDrop) => {
    const { chosen, met } = find({ maxSize, maxDrop });
    expect(met).toBe(true);
    expect(meets(chosen, { maxSize, maxDrop })).toBe(true);
  });

  test('that exclude each other are reported, with the smallest file that is accurate enough', () => {
    const targets = { maxSize: 6000, maxDrop: 0.01 }; // 0.02 and 0.04
    const { ends, chosen, met } = find(targets);
    expect(met).toBe(false);
    const accurate = ends.filter((r) => meets(r, { maxDrop: 0.01 }));
    expect(chosen.bytes).toBe(Math.min(...accurate.map((r) => r.bytes)));
  });

  test('are met from a density that is too small to be accurate', () => {
    const { met } = find({ maxSize: 14_000, maxDrop: 0.01 }, usual, 0.01);
    expect(met).toBe(true);
  });
});

const size = fc.integer({ min: 100, max: 60_000 });
const drop = fc.double({ min: 0, max: 0.2, noNaN: true });
const networks = fc
  .record({
    overhead: fc.integer({ min: 0, max: 5000 }),
    whole: fc.integer({ min: 1000, max: 1_000_000 }),
    knee: fc.double({ min: 0.001, max: 1, noNaN: true }),
    steep: fc.double({ min: 0, max: 5, noNaN: true }),
    floor: fc.double({ min: -0.01, max: 0.02, noNaN: true }),
    noise: fc.double({ min: 0, max: 0.002, noNaN: true }),
  })
  .map(({ overhead, whole, knee, steep, floor, noise }): Network & { calm: boolean } => ({
    calm: noise < 1e-9,
    bytes: (d) => Math.round(overhead + whole * d),
    error: (d) => 0.01 + floor + steep * Math.max(0, knee - d) + noise * Math.sin(1e4 * d),
  }));
const anyTargets = fc.record({ maxSize: fc.option(size, { nil: undefined }), maxDrop: fc.option(drop, { nil: undefined }) });
const start = fc.double({ min: 0.001, max: 1, noNaN: true });

describe('whatever the network', () => {
  test('the search ends within eight rounds, tells the truth, and chooses the smallest file that meets the targets', () =>
    fc.assert(
      fc.property(networks, anyTargets, start, (network, targets, density) => {
        const { ends, chosen, met } = find(targets, network, density);
        expect(ends.length).toBeLessThanOrEqual(8);
        const good = ends.filter((r) => meets(r, targets));
        expect(met).toBe(good.length > 0);
        expect(ends).toContain(chosen);
        if (met) expect(chosen.bytes).toBe(Math.min(...good.map((r) => r.bytes)));
        for (const r of ends) expect(r.aim).toBeLessThanOrEqual(1);
        expect(new Set(ends.map((r) => r.aim)).size).toBe(ends.length);
      }),
      { seed: 7, numRuns: 400 },
    ));

  test('a size that some tenth of the density meets with room is met', () =>
    fc.assert(
      fc.property(networks, start, fc.double({ min: 0.0005, max: 1, noNaN: true }), (network, density, share) => {
        fc.pre(share <= density);
        const maxSize = Math.ceil(network.bytes(share) * 1.01) + 1;
        expect(find({ maxSize }, network, density).met).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    ));

  test('a size and a drop that a range of densities meets together are met, from a density up to five times away', () => {
    const factor = fc.double({ min: 0.2, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0.01, max: 0.15, noNaN: true }), factor, (overhead, least, away) => {
        const network: Network = { bytes: (d) => Math.round(overhead + 200_000 * d), error: (d) => 0.01 + Math.max(0, least - d) };
        const targets = { maxSize: network.bytes(1.1 * least) + 1, maxDrop: 0 };
        expect(find(targets, network, least * away).met).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('a planner with another memory than the records would be noticed', () => {
    let calls = 0;
    const moody: Planner = (records) => {
      calls++;
      return records.length < 2
        ? { kind: 'step', step: parseStep({ use: 'share' }, 'x'), from: records.length - 1, round: 0, aim: calls }
        : { kind: 'end', chosen: 1, met: true };
    };
    expect(() => search(moody, usual)).toThrow();
  });
});

describe('a fixed list of steps', () => {
  const list = [parseStep({ use: 'share' }, 'step 1'), parseStep({ use: 'train', epochs: 1, rate: 0.1 } as { use: string }, 'step 2')];

  test('is run once, each from the one before', () => {
    const { records, met } = search(fixedPlan(list), usual);
    expect(records.map((r) => [r.use, r.from, r.round])).toEqual([
      ['share', -1, 0],
      ['train', 0, 0],
    ]);
    expect(met).toBe(true);
  });
});
