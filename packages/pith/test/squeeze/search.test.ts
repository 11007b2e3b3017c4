import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { type SearchOptions, searchConstant } from '../../src/squeeze/search.js';

interface File {
  readonly bytes: number;
  readonly loss: number;
}

/** A model of so many weights: a bit less for each doubling of the constant, and four times the error. */
const fileAt = (constant: number, { weights = 1e6, floor = 400, scale = 1 } = {}): File => ({
  bytes: floor + (weights / 8) * Math.log2(1 + 6 / (scale * constant)),
  loss: Math.min(1, 0.01 * (scale * constant) ** 2),
});

const sizeSearch = (most: number): Omit<SearchOptions<File>, 'probe'> => ({
  excess: ({ bytes }) => Math.log(bytes / most),
  direction: 'finer',
  start: 0.4,
  slope: 0.5,
  tolerance: 0.01,
  least: 1e-4,
  most: 1e4,
});

const lossSearch = (most: number): Omit<SearchOptions<File>, 'probe'> => ({
  excess: ({ loss }) => Math.log(loss / most),
  direction: 'coarser',
  start: 0.4,
  slope: 2,
  tolerance: 0.1,
  least: 1e-4,
  most: 1e4,
});

describe('a size', () => {
  test.each([3e3, 1e4, 5e4, 1e5, 2e5, 5e5, 1e6])('of %d bytes is reached from below within a hundredth in six trials', async (most) => {
    const { best, trials } = await searchConstant({ ...sizeSearch(most), probe: async (c) => fileAt(c) });
    expect(best!.value.bytes).toBeLessThanOrEqual(most);
    expect(best!.value.bytes).toBeGreaterThan(0.99 * most);
    expect(trials.length).toBeLessThanOrEqual(6);
  });

  test('that no constant gives ends soon, without a best', async () => {
    const { best, trials } = await searchConstant({ ...sizeSearch(399), probe: async (c) => fileAt(c) });
    expect(best).toBe(undefined);
    expect(trials.length).toBeLessThanOrEqual(7);
    expect(trials.at(-1)!.constant).toBe(1e4);
  });

  test('above the finest file ends at the finest', async () => {
    const { best } = await searchConstant({ ...sizeSearch(1e9), probe: async (c) => fileAt(c) });
    expect(best!.constant).toBeCloseTo(1e-4, 12);
  });
});

describe('a loss', () => {
  test.each([1e-5, 1e-4, 1e-3, 1e-2, 0.1])('of at most %d is used up to nine tenths in six trials', async (most) => {
    const { best, trials } = await searchConstant({ ...lossSearch(most), probe: async (c) => fileAt(c) });
    expect(best!.value.loss).toBeLessThanOrEqual(most);
    expect(best!.value.loss).toBeGreaterThan(0.9 * most);
    expect(trials.length).toBeLessThanOrEqual(6);
  });

  test('is found where coarse files are broken altogether', async () => {
    const probe = async (c: number): Promise<File> => (c > 0.01 ? { bytes: 1, loss: Number.NaN } : fileAt(c, { scale: 100 }));
    const { best, trials } = await searchConstant({ ...lossSearch(1e-3), start: 50, probe });
    expect(best!.value.loss).toBeLessThanOrEqual(1e-3);
    expect(best!.value.loss).toBeGreaterThan(0.8e-3);
    expect(trials.length).toBeLessThanOrEqual(12);
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('noise in what is measured (seed %d) costs trials, never the target', async (seed) => {
  const random = new Random(seed);
  const probe = async (c: number): Promise<File> => ({ ...fileAt(c), loss: fileAt(c).loss * Math.exp(0.3 * random.normal()) });
  const { best, trials } = await searchConstant({ ...lossSearch(2e-3), probe });
  expect(best!.value.loss).toBeLessThanOrEqual(2e-3);
  expect(best!.value.loss).toBeGreaterThan(0.5e-3);
  expect(trials.length).toBeLessThanOrEqual(12);
});

test('A step in the curve is closed in on by the bracket', async () => {
  const probe = async (c: number): Promise<File> => ({ bytes: c < 3 ? 9e5 : 1e4, loss: 0 });
  const { best, trials } = await searchConstant({ ...sizeSearch(1e5), probe });
  expect(best!.constant).toBeGreaterThanOrEqual(3);
  expect(best!.constant).toBeLessThan(3.1);
  expect(trials.length).toBeLessThanOrEqual(12);
});

test('A search that is told to be hopeless ends', async () => {
  const { trials } = await searchConstant({ ...sizeSearch(5e4), probe: async (c) => fileAt(c), hopeless: (made) => made.length === 2 });
  expect(trials.length).toBe(2);
});

test('Trials that are known cost nothing and are the same search', async () => {
  const first = await searchConstant({ ...lossSearch(1e-3), probe: async (c) => fileAt(c) });
  let calls = 0;
  const again = await searchConstant({
    ...sizeSearch(fileAt(first.best!.constant).bytes),
    known: first.trials,
    probe: async (c) => {
      calls++;
      return fileAt(c);
    },
  });
  expect(again.best!.constant).toBe(first.best!.constant);
  expect(calls).toBe(0);
});

test('The search is the same each time, and stops when it is told to', async () => {
  const run = () => searchConstant({ ...sizeSearch(77_777), probe: async (c) => fileAt(c) });
  expect(await run()).toEqual(await run());
  const stop = new AbortController();
  const cut = searchConstant({
    ...sizeSearch(77_777),
    signal: stop.signal,
    probe: async (c) => {
      stop.abort();
      return fileAt(c);
    },
  });
  await expect(cut).rejects.toMatchObject({ code: 'interrupted.cancelled' });
});

test('A search in the wrong direction does not find the frontier', async () => {
  const { best } = await searchConstant({ ...sizeSearch(1e5), direction: 'coarser', probe: async (c) => fileAt(c) });
  expect(best?.value.bytes ?? 0).toBeLessThan(0.5e5);
});
