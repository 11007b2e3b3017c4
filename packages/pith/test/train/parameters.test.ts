import { describe, expect, test } from 'vitest';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { isWeight, parametersOf } from '../../src/train/parameters.js';

/** Each parameter as `name role [dims] axis`, in order. */
const roles = (text: string): string[] =>
  parametersOf({ graph: parseGraph(text) }).map((p) => `${p.name} ${p.role} [${p.dims}] ${p.outputAxis}`);

describe('the parameters of a model', () => {
  test.each([
    [
      'of a convolution are its weight and bias',
      `g(x: float32[N,1,4,4]) -> (y: float32[N,2,2,2]) {
        init w: float32[2,1,3,3] = [${Array(18).fill(1)}]
        init b: float32[2] = [1, 1]
        y = Conv(x, w, b)
      }`,
      ['w convolution [2,1,3,3] 0', 'b bias [2] 0'],
    ],
    [
      'of a transposed convolution count outputs along the second axis',
      `g(x: float32[N,2,4,4]) -> (y: float32[N,3,6,6]) {
        init w: float32[2,3,1,1] = [${Array(6).fill(1)}]
        y = ConvTranspose(x, w)
      }`,
      ['w convolution [2,3,1,1] 1'],
    ],
    [
      'of matrix products are linear, with outputs along the axis that is not summed',
      `g(x: float32[N,2]) -> (y: float32[N,2]) {
        init straight: float32[2,3] = [${Array(6).fill(1)}]
        init turned: float32[4,3] = [${Array(12).fill(1)}]
        init product: float32[4,2] = [${Array(8).fill(1)}]
        init left: float32[5,2] = [${Array(10).fill(1)}]
        a = Gemm(x, straight)
        b = Gemm(a, turned) { transB = 1 }
        c = MatMul(b, product)
        d = Transpose(c) { perm = ints [1, 0] }
        y = MatMul(left, d)
      }`,
      ['straight linear [2,3] 1', 'turned linear [4,3] 0', 'product linear [4,2] 1', 'left linear [5,2] 0'],
    ],
    [
      'of batch normalisation are scale and shift; the running statistics are not trained',
      `g(x: float32[N,2]) -> (y: float32[N,2]) {
        init s: float32[2] = [1, 1]
        init b: float32[2] = [0, 0]
        init m: float32[2] = [0, 0]
        init v: float32[2] = [1, 1]
        y = BatchNormalization(x, s, b, m, v)
      }`,
      ['s normalization [2] 0', 'b normalization [2] 0', 'm statistic [2] 0', 'v statistic [2] 0'],
    ],
    [
      'of arithmetic are vectors, not scalars: a division by 255 is not trained, nor is a difference of one number',
      `g(x: float32[N,2]) -> (y: float32[N,2]) {
        init b: float32[2] = [1, 1]
        init g: float32[2] = [1, 1]
        init one: float32[] = [1]
        init single: float32[1] = [1]
        init scale: float32[] = [255]
        init depth: float32[2] = [255, 255]
        a = Div(x, scale)
        c = Div(a, depth)
        d = Sub(c, one)
        e = Mul(d, single)
        f = Add(e, b)
        y = Mul(g, f)
      }`,
      ['b bias [2] 0', 'g normalization [2] 0'],
    ],
    [
      'a slope of one number for all channels is one',
      `g(x: float32[N,2]) -> (y: float32[N,2]) {
        init slope: float32[1] = [0.1]
        y = PRelu(x, slope)
      }`,
      ['slope normalization [1] 0'],
    ],
    [
      'an embedding is a weight',
      `g(i: int64[N]) -> (y: float32[N,3]) {
        init table: float32[5,3] = [${Array(15).fill(1)}]
        y = Gather(table, i)
      }`,
      ['table embedding [5,3] 0'],
    ],
    [
      'are counted once where a weight is tied, by its first use',
      `g(i: int64[N]) -> (y: float32[N,5]) {
        init table: float32[5,3] = [${Array(15).fill(1)}]
        h = Gather(table, i)
        turned = Transpose(table) { perm = ints [1, 0] }
        y = MatMul(h, turned)
      }`,
      ['table embedding [5,3] 0'],
    ],
    [
      'are found through a transposition, wherever its node stands',
      `g(x: float32[N,3]) -> (y: float32[N,5]) {
        init w: float32[5,3] = [${Array(15).fill(1)}]
        y = MatMul(x, turned)
        turned = Transpose(w) { perm = ints [1, 0] }
      }`,
      ['w linear [5,3] 1'],
    ],
    [
      'are float32: other types are constants',
      `g(x: float64[N,2]) -> (y: float64[N,2]) {
        init w: float64[2,2] = [1, 2, 3, 4]
        y = MatMul(x, w)
      }`,
      [],
    ],
    [
      'of another domain are not known',
      `g(x: float32[N,2]) -> (y: float32[N,2]) {
        init w: float32[2,2] = [1, 2, 3, 4]
        y = com.example::MatMul(x, w)
      }`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(roles(text)).toEqual(expected);
  });

  test('that pruning and sharing work on are weights of layers', () => {
    const found = parametersOf({
      graph: parseGraph(`g(x: float32[N,2]) -> (y: float32[N,2]) {
        init w: float32[2,2] = [1, 2, 3, 4]
        init b: float32[2] = [1, 2]
        y = Gemm(x, w, b)
      }`),
    });
    expect(found.filter(isWeight).map((p) => p.name)).toEqual(['w']);
  });
});
