import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { resizer, resizeSplit } from '../../src/data/resize.js';
import { syntheticDigits } from '../../src/data/synthetic.js';
import { errorOf, splitOf } from './support.js';

const hash = (bytes: Uint8Array | Float32Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

test('synthetic digits are these bytes, on every machine', () => {
  const { train, test: held } = syntheticDigits({ train: 500, test: 100 });
  expect([hash(train.images), hash(held.images)]).toEqual(['4ff1fdfefc8ee9eb', '461919051fd9ef10']);
});

test('synthetic digits do not depend on how many are asked for, but on the seed', () => {
  const few = syntheticDigits({ train: 20, test: 10 });
  const more = syntheticDigits({ train: 40, test: 10 });
  expect(more.train.images.subarray(0, 20 * 784)).toEqual(few.train.images);
  expect(syntheticDigits({ train: 20, test: 10, seed: 2 }).train.images).not.toEqual(few.train.images);
  expect(few.test.images).not.toEqual(few.train.images.subarray(0, 10 * 784));
});

test('synthetic digits have ten classes in equal parts and ink in every picture', () => {
  const { classes, train } = syntheticDigits({ train: 1000, test: 10 });
  expect(classes).toEqual([...'0123456789']);
  for (let d = 0; d < 10; d++) expect(train.labels.filter((label) => label === d).length).toBe(100);
  for (let n = 0; n < 1000; n++) {
    const picture = train.images.subarray(n * 784, (n + 1) * 784);
    expect(Math.max(...picture)).toBeGreaterThan(90);
    expect(picture.filter((v) => v > 60).length).toBeGreaterThan(10);
    expect(picture.filter((v) => v > 60).length).toBeLessThan(400);
  }
});

/** Share of wrong answers of the nearest class mean: a crude model sees the classes, but is far from done. */
test('synthetic digits can be learnt, but not by the crudest model', () => {
  const { train, test: held } = syntheticDigits({ train: 2000, test: 500 });
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  train.labels.forEach((label, n) => {
    for (let i = 0; i < 784; i++) means[label]![i]! += train.images[n * 784 + i]! / 200;
  });
  let wrong = 0;
  held.labels.forEach((label, n) => {
    const distances = means.map((mean) => mean.reduce((sum, m, i) => sum + (m - held.images[n * 784 + i]!) ** 2, 0));
    if (distances.indexOf(Math.min(...distances)) !== label) wrong++;
  });
  expect(wrong / 500).toBeGreaterThan(0.1);
  expect(wrong / 500).toBeLessThan(0.45);
});

test('synthetic digits refuse no images and unknown options', async () => {
  expect((await errorOf(() => syntheticDigits({ train: 0 }))).code).toBe('usage.option');
  expect((await errorOf(() => syntheticDigits({ sead: 1 } as object))).code).toBe('usage.option');
});

test('resizing keeps constant pictures, the mean when halving, and straight slopes inside', () => {
  const out = new Float64Array(12);
  resizer({ channels: 1, height: 5, width: 7 }, 3, 4)(new Uint8Array(35).fill(9), 0, out);
  for (const v of out) expect(v).toBeCloseTo(9, 12);
  const slope = Float64Array.from({ length: 10 }, (_, i) => i);
  const half = new Float64Array(5);
  resizer({ channels: 1, height: 1, width: 10 }, 1, 5)(slope, 0, half);
  expect([...half.subarray(1, 4)]).toEqual([2.5, 4.5, 6.5]);
  const twice = new Float64Array(20);
  resizer({ channels: 1, height: 1, width: 10 }, 1, 20)(slope, 0, twice);
  expect([...twice.subarray(1, 5)]).toEqual([0.25, 0.75, 1.25, 1.75]);
});

test('resizing to the same size changes nothing, to another rounds bytes', () => {
  const split = splitOf(3);
  expect(resizeSplit(split, [5, 4])).toBe(split);
  const other = resizeSplit(split, [10, 8]);
  expect(other).toMatchObject({ height: 10, width: 8, count: 3 });
  expect(other.images).toBeInstanceOf(Uint8Array);
});
