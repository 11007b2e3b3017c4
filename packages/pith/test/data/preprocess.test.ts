import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  affineOf,
  batchDims,
  defaultPreprocess,
  formatPreprocess,
  type Preprocess,
  parsePreprocess,
  parseSize,
} from '../../src/data/preprocess.js';
import { errorOf } from './support.js';

const entries = (words: Record<string, string>) => new Map(Object.entries(words).map(([key, value]) => [`pith.${key}`, value]));
const rgb = { channels: 3, height: 32, width: 32 };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const above = fc.double({ min: 1e-300, max: 1e300, noNaN: true });

describe('preprocessing as text', () => {
  test('reads back to the same bits', () => {
    const some: fc.Arbitrary<Preprocess> = fc.record({
      scale: above,
      mean: fc.array(finite, { minLength: 1, maxLength: 4 }),
      std: fc.array(above, { minLength: 1, maxLength: 4 }),
      layout: fc.constantFrom('chw' as const, 'flat' as const),
      size: fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 99_999 })),
    });
    fc.assert(
      fc.property(some, (p) => {
        const again = parsePreprocess(formatPreprocess(p));
        expect(again.mean.map((m) => m + 0)).toEqual(p.mean.map((m) => m + 0)); // −0 reads back as 0
        expect({ ...again, mean: [] }).toEqual({ ...p, mean: [] });
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('takes what is absent from the base, and fractions', () => {
    expect(parsePreprocess(new Map())).toEqual(defaultPreprocess);
    expect(parsePreprocess(entries({ scale: '1/255', mean: '0.5, 0.25', size: '32x48' }))).toEqual({
      scale: 1 / 255,
      mean: [0.5, 0.25],
      std: [1],
      layout: 'chw',
      size: [32, 48],
    });
    expect(parseSize('28')).toEqual([28, 28]);
  });

  for (const [key, word] of [
    ['scale', '0'],
    ['scale', 'one'],
    ['scale', '1/0'],
    ['scale', ''],
    ['mean', '0.5,,0.5'],
    ['std', '0'],
    ['std', '-1'],
    ['layout', 'hwc'],
    ['size', '0x3'],
    ['size', '3x'],
  ] as const)
    test(`refuses ${key} "${word}"`, async () => {
      const error = await errorOf(() => parsePreprocess(entries({ [key]: word })));
      expect([error.code, error.detail.at?.option]).toEqual(['input.preprocess', key]);
    });
});

test('gain and offset are (pixel · scale − mean) / std for each channel', () => {
  const p: Preprocess = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.25], layout: 'chw' };
  const { gain, offset } = affineOf(p, rgb);
  for (let c = 0; c < 3; c++) expect(200 * gain[c]! + offset[c]!).toBeCloseTo((200 / 255 - p.mean[c]!) / 0.25, 12);
});

test('counts that disagree with the channels are refused', async () => {
  const error = await errorOf(() => affineOf({ ...defaultPreprocess, mean: [1, 2] }, rgb));
  expect(error.code).toBe('input.preprocess');
});

test('a batch has the dimensions of its layout', () => {
  expect(batchDims(defaultPreprocess, rgb, 5)).toEqual([5, 3, 32, 32]);
  expect(batchDims({ ...defaultPreprocess, layout: 'flat' }, rgb, 5)).toEqual([5, 3072]);
});
