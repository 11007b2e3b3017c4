/** Weights as products of two thin matrices: the factors are what linear algebra says, and the network computes what it would with their product. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model, Tensor } from '../../src/base/tensor.js';
import { lowRanks } from '../../src/decompose/low-rank.js';
import { svd } from '../../src/decompose/svd.js';
import { withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { checkModel } from '../../src/onnx/check.js';
import { isWeight, parametersOf } from '../../src/train/parameters.js';
import { dense, normalized } from '../train/tiny.js';

const random = new Random(4);
const filled = (size: number): Float64Array => Float64Array.from({ length: size }, () => random.unit() - 0.5);

/** left · diag(values) · right, of so many singular values. */
function product({ values, left, right }: ReturnType<typeof svd>, rows: number, columns: number, rank: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let k = 0; k < rank; k++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) out[r * columns + c]! += values[k]! * left[k * rows + r]! * right[k * columns + c]!;
  return out;
}
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));

describe('singular values', () => {
  test.each([
    [1, 1],
    [3, 7],
    [7, 3],
    [12, 12],
    [20, 9],
  ])('of %i×%i: factors make the matrix again, and leave what was cut off', (rows, columns) => {
    const matrix = filled(rows * columns);
    const found = svd(matrix, rows, columns);
    const k = Math.min(rows, columns);
    // rotations stop at a cosine of 1e-10
    expect(distance(product(found, rows, columns, k), matrix)).toBeLessThan(1e-8);
    expect([...found.values]).toEqual([...found.values].sort((a, b) => b - a));
    for (const [vectors, width] of [
      [found.left, rows],
      [found.right, columns],
    ] as const)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) {
          let dot = 0;
          for (let c = 0; c < width; c++) dot += vectors[i * width + c]! * vectors[j * width + c]!;
          expect(Math.abs(dot - Number(i === j))).toBeLessThan(1e-8);
        }
    const half = Math.ceil(k / 2);
    const tail = Math.sqrt(found.values.slice(half).reduce((sum, x) => sum + x * x, 0));
    expect(Math.abs(distance(product(found, rows, columns, half), matrix) - tail)).toBeLessThan(1e-8);
  });

  test('of a matrix of rank one there is one; of zeros none', () => {
    const rank1 = Float64Array.from({ length: 20 }, (_, i) => (1 + Math.floor(i / 5)) * (2 - (i % 5)));
    const { values } = svd(rank1, 4, 5);
    expect(values[0]).toBeCloseTo(Math.sqrt(30 * 10), 10);
    expect(Math.max(...values.slice(1))).toBeLessThan(1e-8);
    expect([...svd(new Float64Array(6), 2, 3).values]).toEqual([0, 0]);
  });
});

describe.each([
  ['fully connected', dense()],
  ['convolutional', normalized()],
])('a network, %s', (_, model) => {
  const weights = parametersOf(model).filter(isWeight);
  const at = lowRanks(
    model,
    weights.map((p) => p.name),
  );
  const numbers = ({ graph }: Model): number => weights.reduce((sum, { name }) => sum + countOf(graph.initializers, name), 0);
  const countOf = (all: ReadonlyMap<string, Tensor>, name: string): number =>
    ['', '/left', '/right'].reduce((sum, part) => sum + (all.get(`${name}${part}`)?.data.length ?? 0), 0);
  const answer = (of: Model): Promise<Float32Array> => {
    const image: Tensor = {
      dtype: 'float32',
      dims: [5, 1, 4, 4],
      data: Float32Array.from({ length: 80 }, (__, i) => ((i * 37) % 23) / 23),
    };
    return withSession(onnxruntimeNode, of, { threads: 1 }, async (session) => {
      const out = await session.run(new Map([[session.inputs[0]!, image]]));
      return out.get(session.outputs[0]!)!.data as Float32Array;
    });
  };

  test('has the numbers that were allowed, and computes the nearer to itself the more they are', async () => {
    const whole = await answer(model);
    const far: number[] = [];
    for (const share of [0.3, 0.6, 0.95]) {
      const thin = at(share);
      checkModel(thin);
      expect(numbers(thin)).toBeLessThanOrEqual(Math.max(share, 0.5) * numbers(model));
      far.push(distance(await answer(thin), whole));
    }
    expect(far[2]!).toBeLessThan(far[0]!);
  });

  test('keeps a weight that factors would not make smaller', () => {
    expect([...at(2).graph.initializers.keys()]).toEqual([...model.graph.initializers.keys()]);
  });
});
