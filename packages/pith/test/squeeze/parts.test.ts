/** The small parts of squeezing with feedback: vectors on a grid, weights of few values, layers that make good for earlier ones. */
import { densify } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Tensor } from '../../src/base/tensor.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';
import { corrected } from '../../src/squeeze/correct.js';
import { fewValues } from '../../src/squeeze/few-values.js';
import { nearStored } from '../../src/squeeze/near.js';

const random = Random.of(5, 'parts');
const floats = (data: Float32Array, dims = [data.length]): Tensor => ({ dtype: 'float32', dims, data });
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());

describe('a vector that is kept nearly as it is', () => {
  const vector = Float32Array.from(normals(50));
  const rms = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0) / vector.length);
  const furthest = (stored: NonNullable<ReturnType<typeof nearStored>>): number => {
    const data = densify(stored).data as Float32Array;
    return Math.max(...data.map((v, i) => Math.abs(v - vector[i]!)));
  };

  test('is off by half a step at most: a 2,048th of its root mean square, or what a price allows', () => {
    expect(furthest(nearStored(floats(vector), undefined)!)).toBeLessThanOrEqual((0.5 * rms) / 2048);
    const priced = furthest(nearStored(floats(vector), 0.01)!);
    expect(priced).toBeLessThanOrEqual(0.005);
    expect(priced).toBeGreaterThan(0.002);
  });

  test('stands as it is where it is nothing but zeros', () => {
    expect(nearStored(floats(new Float32Array(20)), undefined)).toBeNull();
    expect(nearStored(floats(new Float32Array(20).fill(1e-30)), undefined)).not.toBeNull();
  });
});

describe('weights of few values', () => {
  const row = { name: 'w', dtype: 'float32', dims: [40, 5], elements: 200, place: 'initializer', rule: 'quantize', because: '' } as const;
  const data = Float32Array.from({ length: 200 }, (_, i) => [0, -0.5, 0.25, 1][i % 4]!);

  test('are a codebook of those that are not zero, exactly, and told by their entropy', () => {
    const found = fewValues({ ...row, distinct: 4 }, floats(data, [40, 5]))!;
    expect([...found.stored.codebook]).toEqual([-0.5, 0.25, 1]);
    expect([...(densify(found.stored).data as Float32Array)]).toEqual([...data]);
    expect(found.bits).toBeCloseTo(200 * 2 + 3 * 32, 6);
  });

  test('are none where there are many, or where nobody counted them', () => {
    expect(fewValues({ ...row, distinct: 257 }, floats(data, [40, 5]))).toBeUndefined();
    expect(fewValues(row, floats(data, [40, 5]))).toBeUndefined();
  });
});

test('A corrected layer gives, on inputs that have drifted, outputs nearer to what they were; zeros stay', () => {
  const [rows, width, samples] = [3, 6, 400];
  const layer = { rows, columns: width, positions: 1, groups: 1 } as WeightLayer;
  const weights = normals(rows * width).map((w, i) => (i === 4 ? 0 : w));
  const cross = new Float64Array(width * width);
  const own = new Float64Array(width * width);
  const pairs = Array.from({ length: samples }, () => {
    const was = normals(width);
    // what rounding with a dead zone does to activations: they shrink, and are a little off
    return { was, is: was.map((v, i) => v * (0.5 + 0.08 * i) + 0.1 * random.normal()) };
  });
  for (const { was, is } of pairs)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) {
        cross[i * width + j]! += (was[i]! * is[j]!) / samples;
        own[i * width + j]! += (is[i]! * is[j]!) / samples;
      }
  const better = corrected(weights, layer, { cross: [cross], own: [own] });
  const error = (w: Float64Array): number =>
    pairs.reduce((sum, { was, is }) => {
      for (let r = 0; r < rows; r++) {
        let off = 0;
        for (let i = 0; i < width; i++) off += weights[r * width + i]! * was[i]! - w[r * width + i]! * is[i]!;
        sum += off * off;
      }
      return sum;
    }, 0);
  expect(error(better)).toBeLessThan(0.5 * error(weights));
  expect(better[4]).toBe(0);
  // inputs that have not drifted move nothing
  expect([...corrected(weights, layer, { cross: [own], own: [own] })]).toEqual([...weights]);
});
