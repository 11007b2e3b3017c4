import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Batch, batches, type StreamOptions } from '../../src/data/batches.js';
import { pixelsOf } from '../../src/data/dataset.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { errorOf, splitOf } from './support.js';

const split = splitOf(23);
const kept = (batch: Batch) => ({ ...batch, images: [...batch.images], labels: [...batch.labels] });
const all = (options: StreamOptions) => [...map(batches(options))];
function* map(stream: Iterable<Batch>) {
  for (const batch of stream) yield kept(batch);
}
/** Which image each row of a batch is, told by its first pixel and label. */
const indices = (options: StreamOptions) =>
  all(options).flatMap((batch) =>
    batch.labels.map((label, i) => {
      const value = Math.round(batch.images[i * pixelsOf(split)]! * 255);
      for (let n = label; n < split.count; n += 10) if (split.images[n * pixelsOf(split)] === value) return n;
      return -1;
    }),
  );

describe('an epoch', () => {
  test('has every image once, whatever the batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.integer(), fc.nat(5), (batch, seed, epoch) => {
        expect(indices({ split, batch, seed, epoch }).sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('has an order of its own for each epoch and seed, and the order of the split without shuffling', () => {
    const orders = [indices({ split, batch: 5 }), indices({ split, batch: 5, epoch: 1 }), indices({ split, batch: 5, seed: 1 })];
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(indices({ split, batch: 5, shuffle: false })).toEqual(Array.from({ length: 23 }, (_, i) => i));
  });

  test('ends with a smaller batch, or without it', () => {
    expect(all({ split, batch: 10 }).map((b) => b.count)).toEqual([10, 10, 3]);
    expect(all({ split, batch: 10, dropLast: true }).map((b) => b.count)).toEqual([10, 10]);
    expect(all({ split, batch: 10 }).at(-1)).toMatchObject({ epoch: 0, step: 2, dims: [3, 1, 5, 4] });
  });
});

test('a stream that begins anywhere goes on as the whole one does, with augmentation too', () => {
  const options = { split, batch: 4, seed: 9, augment: 'affine:rotate=20;noise;clean=0.3' } as const;
  const whole = all({ ...options, until: 3 });
  expect(whole.length).toBe(18);
  for (const [i, { epoch, step }] of whole.entries()) expect(all({ ...options, epoch, step, until: 3 })).toEqual(whole.slice(i));
});

test('an image is augmented the same in batches of any size, and differently in each epoch', () => {
  const augmented = (batch: number, epoch: number) =>
    all({ split, batch, epoch, shuffle: false, augment: 'noise' }).flatMap((b) => b.images);
  expect(augmented(23, 0)).toEqual(augmented(4, 0));
  expect(augmented(23, 0)).not.toEqual(augmented(23, 1));
});

test('numbers are (pixel · scale − mean) / std, for bytes, floats and augmented images', () => {
  const rgb = splitOf(6, [3, 2, 2]);
  const preprocess = { scale: 1 / 255, mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2], layout: 'flat' } as const;
  const expected = Array.from(rgb.images, (v, i) => {
    const c = Math.floor(i / 4) % 3;
    return Math.fround((v / 255 - preprocess.mean[c]!) / preprocess.std[c]!);
  });
  for (const images of [rgb.images, Float32Array.from(rgb.images)])
    for (const augment of [undefined, 'affine'] as const) {
      const [batch] = all({ split: { ...rgb, images }, batch: 6, shuffle: false, preprocess, ...(augment && { augment }) });
      expect(batch!.dims).toEqual([6, 12]);
      // One rounding of the folded gain and offset in double, then to float.
      batch!.images.forEach((v, i) => {
        expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(2 ** -23 * Math.abs(expected[i]!) + 1e-12);
      });
    }
});

test('floats are left alone by default, bytes come to 0 … 1', () => {
  const floats = { ...split, images: Float32Array.from(split.images) };
  expect(all({ split: floats, batch: 23, shuffle: false })[0]!.images).toEqual([...floats.images]);
  expect(Math.max(...all({ split, batch: 23 })[0]!.images)).toBeLessThanOrEqual(1);
});

test('a stream that begins at the end of an epoch goes on with the next', () => {
  expect(all({ split, batch: 10, step: 3, until: 2 })).toEqual(all({ split, batch: 10, epoch: 1, until: 2 }));
});

for (const [what, options, code] of [
  ['a batch of 0', { batch: 0 }, 'usage.batch'],
  ['a batch above the split', { batch: 24 }, 'usage.batch'],
  ['half an image', { batch: 1.5 }, 'usage.batch'],
  ['half a step', { batch: 10, step: 1.5 }, 'usage.batch'],
  ['a step beyond the epoch', { batch: 10, step: 4 }, 'usage.batch'],
  ['an epoch below 0', { batch: 10, epoch: -1 }, 'usage.batch'],
  ['an unknown augmentation', { batch: 10, augment: 'spin' }, 'usage.augment'],
  ['means for other channels', { batch: 10, preprocess: { ...defaultPreprocess, mean: [1, 2] } }, 'input.preprocess'],
  ['an unknown option', { batch: 10, shufle: true }, 'usage.option'],
] as const)
  test(`${what} is refused`, async () => {
    expect((await errorOf(() => all({ split, ...options }))).code).toBe(code);
  });
