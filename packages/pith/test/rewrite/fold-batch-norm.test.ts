import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { DType, Model } from '../../src/base/tensor.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { fromRef, type toRef } from '../../src/ops/ref.js';
import { foldBatchNorm } from '../../src/rewrite/fold-batch-norm.js';
import { parsed } from '../onnx/samples.js';
import { type Tolerance, worst } from '../support/compare.js';

type Ref = ReturnType<typeof toRef>;

const draw = (path: string, dims: readonly number[], least = -1): Float64Array => {
  const random = Random.of(11, path);
  return Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.between(least, 1));
};

/** The text with `name: [dims]` of each constant filled with numbers of its own; variances (names that begin with v) are positive. */
function filled(text: string, dtype: DType = 'float64', more: Partial<Model> = {}): Model {
  const model = parsed(text.replace(/: float(?=[[,) ])/g, `: ${dtype}`).replaceAll('= float[', `= ${dtype}[`), more);
  const initializers = new Map(model.graph.initializers);
  for (const [name, { dims }] of [...initializers])
    initializers.set(name, fromRef({ dtype, dims, data: draw(name, dims, name.startsWith('v') ? 0.1 : -1) }));
  return { ...model, graph: { ...model.graph, initializers } };
}

const zeros = (n: number): string => `[${new Array<number>(n).fill(0).join(', ')}]`;
const init = (name: string, ...dims: number[]): string => `init ${name}: float[${dims}] = ${zeros(dims.reduce((a, b) => a * b, 1))}`;
const norm = (n: number, tail = ''): string => ['g', 'b', 'm', 'v'].map((name) => init(name + tail, n)).join(' ');
const bn = (from: string, to: string, tail = ''): string =>
  `${to} = [norm${tail}] BatchNormalization(${from}, g${tail}, b${tail}, m${tail}, v${tail}) { epsilon = 0.01f }`;

const image = 'f(x: float[2,4,5,5]) -> (y: float[])';
const rows = 'f(x: float[3,4]) -> (y: float[])';

function run(model: Model): Ref {
  const [input] = model.graph.inputs;
  const dims = input!.dims as number[];
  return evaluate(model.graph, model.opsets.get('')!, new Map([['x', { dtype: input!.dtype!, dims, data: draw('x', dims) }]])).get('y')!;
}

const doubles: Tolerance = { abs: 1e-12, rel: 1e-12, because: 'sums of less than 100 products of doubles, in another order' };
const singles: Tolerance = {
  abs: 2e-5,
  rel: 1e-5,
  because: 'each folded weight is rounded once to 24 bits, scales reach 1/sqrt(0.11), sums 100 terms',
};

const foldable: readonly (readonly [what: string, text: string])[] = [
  ['a convolution', `${image} { ${init('w', 6, 4, 3, 3)} ${norm(6)} h = Conv(x, w) ${bn('h', 'y')} }`],
  [
    'a convolution with bias',
    `${image} { ${init('w', 6, 4, 3, 3)} ${init('c', 6)} ${norm(6)} h = Conv(x, w, c) { pads = ints [1, 1, 1, 1] } ${bn('h', 'y')} }`,
  ],
  ['a grouped convolution', `${image} { ${init('w', 6, 2, 3, 3)} ${norm(6)} h = Conv(x, w) { group = 2 } ${bn('h', 'y')} }`],
  [
    'a transposed convolution',
    `${image} { ${init('w', 4, 3, 2, 2)} ${norm(3)} h = ConvTranspose(x, w) { strides = ints [2, 2] } ${bn('h', 'y')} }`,
  ],
  [
    'a grouped transposed convolution',
    `${image} { ${init('w', 4, 3, 2, 2)} ${init('c', 6)} ${norm(6)} h = ConvTranspose(x, w, c) { group = 2 } ${bn('h', 'y')} }`,
  ],
  ['a Gemm', `${rows} { ${init('w', 4, 6)} ${norm(6)} h = Gemm(x, w) { alpha = 0.5f } ${bn('h', 'y')} }`],
  [
    'a Gemm with a transposed weight, alpha, beta and a scalar bias',
    `${rows} { ${init('w', 6, 4)} ${init('c')} ${norm(6)} h = Gemm(x, w, c) { transB = 1, alpha = 0.5f, beta = 3f } ${bn('h', 'y')} }`,
  ],
  ['a MatMul', `${rows} { ${init('w', 4, 6)} ${norm(6)} h = MatMul(x, w) ${bn('h', 'y')} }`],
  [
    'a MatMul and an Add',
    `${rows} { ${init('w', 4, 6)} ${init('c', 1, 6)} ${norm(6)} r = Relu(x) h = MatMul(r, w) s = Add(c, h) ${bn('s', 'y')} }`,
  ],
  [
    'a MatMul behind Flatten',
    `f(x: float[2,4,1,2]) -> (y: float[]) { ${init('w', 8, 6)} ${norm(6)} r = Flatten(x) h = MatMul(r, w) ${bn('h', 'y')} }`,
  ],
  [
    'two normalizations',
    `${image} { ${init('w', 6, 4, 3, 3)} ${norm(6)} ${norm(6, '2')} h = Conv(x, w) ${bn('h', 'k')} ${bn('k', 'y', '2')} }`,
  ],
  ['a convolution behind a normalization', `${image} { ${init('w', 6, 2, 3, 3)} ${norm(4)} ${bn('x', 'h')} y = Conv(h, w) { group = 2 } }`],
  [
    'a Gemm behind a normalization',
    `${rows} { ${init('w', 6, 4)} ${init('c', 6)} ${norm(4)} ${bn('x', 'h')} y = Gemm(h, w, c) { transB = 1, alpha = 2f, beta = 0.5f } }`,
  ],
  [
    'vectors behind Identity',
    `${image} { ${init('w', 6, 4, 3, 3)} ${init('g', 6)} ${init('b', 6)} ${init('m', 6)} ${init('v', 6)} h = Conv(x, w) i = Identity(v) y = BatchNormalization(h, g, b, m, i) }`,
  ],
  [
    'a weight in a Constant node',
    `${image} { ${norm(2)} w = Constant() { value = float[2,4,1,1] = [1, 2, 3, 4, 5, 6, 7, 8] } h = Conv(x, w) ${bn('h', 'y')} }`,
  ],
];

describe('batch normalization folds into', () => {
  for (const [what, text] of foldable)
    test(`${what}: the outputs stay, the node is gone`, () => {
      for (const [dtype, tolerance] of [
        ['float64', doubles],
        ['float32', singles],
      ] as const) {
        const model = filled(text, dtype);
        const { model: after, folded, refused } = foldBatchNorm(model);
        expect(refused).toEqual([]);
        expect(folded.length).toBeGreaterThan(0);
        expect(after.graph.nodes.map((n) => n.op)).not.toContain('BatchNormalization');
        expect(worst(run(after).data, run(model).data, tolerance)).toBeLessThan(1);
        expect([after.graph.inputs, after.graph.outputs, after.opsets]).toEqual([model.graph.inputs, model.graph.outputs, model.opsets]);
        expect([...after.graph.initializers.keys()].filter((name) => /^[gmv]/.test(name))).toEqual([]);
      }
    });

  test('the same once as twice', () => {
    for (const [, text] of foldable) {
      const once = foldBatchNorm(filled(text)).model;
      expect(foldBatchNorm(once).model).toEqual(once);
    }
  });

  test('and the comparison can say no', () => {
    const model = filled(foldable[0]![1]);
    const bent = foldBatchNorm(model).model;
    (bent.graph.initializers.get('b')!.data as Float64Array)[0]! += 1e-9;
    expect(worst(run(bent).data, run(model).data, doubles)).toBeGreaterThan(1);
  });
});

const refused: readonly (readonly [what: string, text: string, why: string, more?: Partial<Model>])[] = [
  [
    'a weight that another layer uses',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} k = Conv(x, w) h = Conv(k, w) ${bn('h', 'y')} }`,
    'the weight "w" is used elsewhere too',
  ],
  [
    'a weight that a subgraph uses',
    `f(x: float[2,4,5,5], q: bool[]) -> (y: float[], z: float[]) { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) ${bn('h', 'y')} z = If(q) { then_branch = graph t() -> (a: float) { a = Neg(w) } } }`,
    'the weight "w" is used elsewhere too',
  ],
  [
    'a weight that Identity gives to another',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} i = Identity(w) k = Conv(x, w) h = Conv(k, i) ${bn('h', 'y')} }`,
    'the weight "w" is used elsewhere too',
  ],
  [
    'a result that another node reads',
    `f(x: float[2,4,5,5]) -> (y: float[], z: float[]) { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) z = Relu(h) ${bn('h', 'y')} }`,
    'its input "h" is used elsewhere too',
  ],
  [
    'a result that is an output',
    `f(x: float[2,4,5,5]) -> (y: float[], h: float[]) { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) ${bn('h', 'y')} }`,
    'its input "h" is used elsewhere too',
  ],
  [
    'a weight that is an input',
    `f(x: float[2,4,5,5], w: float[4,4,1,1]) -> (y: float[]) { ${norm(4)} h = Conv(x, w) ${bn('h', 'y')} }`,
    'the weight "w" is not a constant of floats',
  ],
  [
    'a weight that a caller may replace',
    `f(x: float[2,4,5,5], w: float[4,4,1,1]) -> (y: float[]) { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) ${bn('h', 'y')} }`,
    'the weight "w" is not a constant of floats',
  ],
  [
    'statistics that are computed',
    `${image} { ${init('w', 4, 4, 1, 1)} ${init('g', 4)} ${init('b', 4)} ${init('m', 4)} ${init('u', 4)} v = Abs(u) h = Conv(x, w) ${bn('h', 'y')} }`,
    'its variance is not a constant of floats',
  ],
  [
    'training',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) y = BatchNormalization(h, g, b, m, v) { training_mode = 1 } }`,
    'it is in training mode',
  ],
  [
    'statistics for each position',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) y = BatchNormalization(h, g, b, m, v) { spatial = 0 } }`,
    'it has statistics for each position (spatial = 0)',
    { opsets: new Map([['', 7]]) },
  ],
  [
    'an old form',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = Conv(x, w) ${bn('h', 'y')} }`,
    'before opset 7 a normalization does not say whether it is in training',
    { opsets: new Map([['', 6]]) },
  ],
  ['another layer', `${image} { ${norm(4)} h = Relu(x) ${bn('h', 'y')} }`, 'Relu is no layer'],
  ['nothing before it', `${image} { ${norm(4)} ${bn('x', 'y')} }`, 'no layer stands before it'],
  [
    'padding after it',
    `${image} { ${init('w', 4, 4, 3, 3)} ${norm(4)} ${bn('x', 'h')} y = Conv(h, w) { pads = ints [1, 1, 1, 1] } }`,
    'no layer stands before it',
  ],
  [
    'a product of unknown rank',
    `f(x: float) -> (y: float) { ${init('w', 4, 4)} ${norm(4)} h = MatMul(x, w) ${bn('h', 'y')} }`,
    'the product is not known to be of rank 2',
  ],
  [
    'a product of rank 3',
    `f(x: float[2,4,4]) -> (y: float) { ${init('w', 4, 4)} ${norm(4)} h = MatMul(x, w) ${bn('h', 'y')} }`,
    'the product is not known to be of rank 2',
  ],
  [
    'an operator of another domain',
    `${image} { ${init('w', 4, 4, 1, 1)} ${norm(4)} h = com.example::Conv(x, w) ${bn('h', 'y')} }`,
    'com.example.Conv is no layer',
  ],
];

describe('batch normalization is left as it is at', () => {
  for (const [what, text, why, more] of refused)
    test(`${what}: ${why}`, () => {
      const model = filled(text, 'float32', more);
      expect(foldBatchNorm(model)).toEqual({
        model,
        folded: [],
        refused: [{ node: 'norm', why }].map((r) => ({ ...r, node: text.includes('[norm]') ? 'norm' : 'y' })),
      });
    });
});

test('numbers that do not fit the type are a reason too', () => {
  const model = filled(`${image} { ${init('w', 2, 4, 1, 1)} ${norm(2)} h = Conv(x, w) ${bn('h', 'y')} }`, 'float16');
  const graph = {
    ...model.graph,
    initializers: new Map([
      ...model.graph.initializers,
      ['g', fromRef({ dtype: 'float16', dims: [2], data: Float64Array.of(60000, 60000) })],
    ]),
  };
  expect(foldBatchNorm({ ...model, graph }).refused).toEqual([{ node: 'norm', why: 'the folded numbers do not fit float16' }]);
});

test('up to IR 3, where weights stand among the inputs, those of the normalization leave both lists', () => {
  const text = `f(x: float[2,4,5,5], w: float[2,4,1,1], g: float[2], b: float[2], m: float[2], v: float[2]) -> (y: float[]) { ${init('w', 2, 4, 1, 1)} ${norm(2)} h = Conv(x, w) ${bn('h', 'y')} }`;
  const model = filled(text, 'float32', { irVersion: 3 });
  const { graph } = foldBatchNorm(model).model;
  expect(graph.inputs.map((v) => v.name)).toEqual(['x', 'w', 'b']);
  expect([...graph.initializers.keys()]).toEqual(['w', 'b']);
  expect(foldBatchNorm({ ...model, irVersion: 4 }).folded).toEqual([]);
});
