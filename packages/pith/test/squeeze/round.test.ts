import { densify } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Tensor } from '../../src/base/tensor.js';
import { fromRef, toRef } from '../../src/ops/ref.js';
import { roundTensor } from '../../src/squeeze/round.js';

const random = new Random(5);
const normals = (count: number, deviation = 0.05): Float64Array => Float64Array.from({ length: count }, () => deviation * random.normal());
const tensorOf = (dtype: 'float32' | 'float16' | 'bfloat16' | 'float64', dims: number[], data: Float64Array): Tensor =>
  fromRef({ dtype, dims, data });
const plain = { rows: 24, columns: 40, positions: 1, transposed: false };
const weights = normals(960);

const rms = (data: ArrayLike<number>): number => Math.sqrt(Array.from(data).reduce((sum, x) => sum + x * x, 0) / data.length);
const errorOf = (tensor: Tensor, constant: number): number => {
  const [before, now] = [toRef(tensor).data, toRef(densify(roundTensor(tensor, { view: plain, constant }))).data];
  return rms(before.map((x, i) => x - now[i]!)) / rms(before);
};

describe.each(['float32', 'float16', 'bfloat16', 'float64'] as const)('%s', (dtype) => {
  test('the error follows the constant, as that of rounding to nearest with a dead zone', () => {
    const tensor = tensorOf(dtype, [24, 40], weights);
    for (const constant of [0.05, 0.2, 0.8]) {
      expect(errorOf(tensor, constant)).toBeGreaterThan(0.9 * (constant / Math.sqrt(12)));
      expect(errorOf(tensor, constant)).toBeLessThan(1.6 * (constant / Math.sqrt(12)) + (dtype === 'bfloat16' ? 0.003 : 0));
    }
  });

  test('what is decoded has the type and the shape of the tensor', () => {
    expect(densify(roundTensor(tensorOf(dtype, [24, 40], weights), { view: plain, constant: 0.2 }))).toMatchObject({
      dtype,
      dims: [24, 40],
    });
  });
});

test('A transposed view is the transposed tensor', () => {
  const across = { rows: 40, columns: 24, positions: 1, transposed: true };
  const tensor = tensorOf('float32', [24, 40], weights);
  expect(densify(roundTensor(tensor, { view: across, constant: 0.1 }))).toEqual(
    densify(roundTensor(tensor, { view: plain, constant: 0.1 })),
  );
});

test('Rate decides: with a price for bits more weights are zero, without one each goes to its nearest', () => {
  const tensor = tensorOf('float32', [24, 40], weights);
  const zeros = (lambda: number): number => roundTensor(tensor, { view: plain, constant: 1, lambda }).levels.filter((l) => l === 0).length;
  expect(zeros(0.2)).toBeGreaterThan(zeros(0.05));
  const { levels, step } = roundTensor(tensor, { view: plain, constant: 1, lambda: 0 });
  expect([...levels]).toEqual(
    [...toRef(tensor).data].map((w) => Math.sign(w) * Math.round(Math.abs(w) / Math.fround(2 ** (step / 16)))).map((l) => l + 0),
  );
});

test.each([
  ['zeros', new Float64Array(960)],
  ['equal numbers', new Float64Array(960).fill(-3)],
  ['denormals', normals(960, 1e-42)],
  ['one that is a million times the others', Float64Array.from(weights, (w, i) => (i === 7 ? 50_000 : w))],
  ['numbers near the largest', Float64Array.from(weights, (w) => w * 1e38)],
])('%s are rounded to finite numbers, and the largest are near what they were', (_, data) => {
  const tensor = tensorOf('float32', [24, 40], data);
  const before = toRef(tensor).data;
  for (const constant of [2 ** -12, 0.15, 8]) {
    const now = toRef(densify(roundTensor(tensor, { view: plain, constant }))).data;
    expect(now.every(Number.isFinite)).toBe(true);
  }
  const now = toRef(densify(roundTensor(tensor, { view: plain, constant: 2 ** -12 }))).data;
  const largest = before.reduce((most, x, i) => (Math.abs(x) > Math.abs(before[most]!) ? i : most), 0);
  expect(Math.abs(now[largest]! - before[largest]!)).toBeLessThanOrEqual(1e-3 * Math.abs(before[largest]!) + 1e-38);
});
