/** Odd models, each through the whole squeeze. */
import { readModel } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { bytesOf, type Model, type Tensor } from '../../src/base/tensor.js';
import { squeeze } from '../../src/library/squeeze.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { modelOf } from '../onnx/samples.js';

const random = Random.of(4, 'weights');
const weight = (...dims: number[]): Tensor => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.between(-1, 1)),
});
const w = weight(16, 12);
const model = (text: string, initializers: Readonly<Record<string, Tensor>> = {}, more: Partial<Model> = {}): Model => {
  const graph = parseGraph(text);
  return modelOf({ ...graph, initializers: new Map([...graph.initializers, ...Object.entries(initializers)]) }, more);
};
const small = (given: Model) => squeeze({ model: writeOnnx(given), effort: 0, threads: 1 });

const io = '(x: float32[N,16]) -> (y: float32[N,12])';
const changed = (data: (values: Float32Array) => void): Tensor => {
  const copy = (w.data as Float32Array).slice();
  data(copy);
  return { ...w, data: copy };
};

describe('is made small and gives the same interface back', () => {
  const inner = (name: string, o: string): string =>
    `graph b() -> (${o}: float32) { ${name} = Constant() { value = float32[8,8] = [${Array.from({ length: 64 }, (_, i) => Math.sin(i).toFixed(3))}] } ${o} = MatMul(x, ${name}) }`;
  const cases: readonly (readonly [what: string, given: Model, quantized: number])[] = [
    ['a model of opset 7', model(`g${io} { y = MatMul(x, w) }`, { w }, { irVersion: 3, opsets: new Map([['', 7]]) }), 1],
    ['a model whose nodes are in another order', model(`g${io} { y = Relu(h) h = MatMul(x, w) }`, { w }), 1],
    ['a model without weights', model('g(x: float32[N,4]) -> (y: float32[N,4]) { y = Relu(x) }'), 0],
    ['a model without nodes', model('g(x: float32[N,4]) -> (x: float32[N,4]) { }'), 0],
    [
      'a model of machine learning operators',
      model(
        'g(x: float32[N,2]) -> (y: float32[N,2]) { y = ai.onnx.ml::Scaler(x) { offset = floats [1, 2], scale = floats [1, 0.5] } }',
        {},
        { opsets: new Map([['ai.onnx.ml', 3]]) },
      ),
      0,
    ],
    [
      'weights in the branches of an If',
      model(
        `g(x: float32[N,8], q: bool[]) -> (y: float32[N,8]) { y = If(q) { then_branch = ${inner('a', 'o')}, else_branch = ${inner('b', 'p')} } }`,
      ),
      2,
    ],
    ['weights of no elements', model(`g${io} { h = Concat(x, e) { axis = 0 } y = MatMul(h, w) }`, { w, e: weight(0, 16) }), 1],
    ['weights of zeros', model(`g${io} { y = MatMul(x, w) }`, { w: changed((d) => d.fill(0)) }), 0],
    ['equal weights', model(`g${io} { y = MatMul(x, w) }`, { w: changed((d) => d.fill(0.3)) }), 0],
    ['one NaN among the weights', model(`g${io} { y = MatMul(x, w) }`, { w: changed((d) => d.fill(Number.NaN, 5, 6)) }), 0],
    ['an infinity among the weights', model(`g${io} { y = MatMul(x, w) }`, { w: changed((d) => d.fill(-Infinity, 5, 6)) }), 0],
    ['denormal weights', model(`g${io} { y = MatMul(x, w) }`, { w: changed((d) => d.set(d.map((v) => v * 1e-40))) }), 0],
    [
      'nibbles, an odd number',
      model(
        'g(x: float32[N,3]) -> (y: float32[N,3]) { init q: int4[3,3] = [1, 2, 3, 4, 5] init s: float32[] = [0.5] d = DequantizeLinear(q, s) y = MatMul(x, d) }',
      ),
      0,
    ],
    [
      'strings as the only output',
      model('g(x: float32[N,16]) -> (y: type "0a020808") { h = MatMul(x, w) y = Cast(h) { to = 8 } }', { w }),
      0,
    ],
    ['a sequence as input', model('g(s: type "22060a0408011200", x: float32[N,16]) -> (y: float32[N,12]) { y = MatMul(x, w) }', { w }), 0],
    ['no output', model('g(x: float32[N,16]) -> () { y = MatMul(x, w) }', { w }), 0],
  ];
  for (const [what, given, quantized] of cases)
    test(what, async () => {
      const { bytes, report } = await small(given);
      const decoded = readModel(bytes);
      const face = ({ graph, opsets, metadata, irVersion }: Model): unknown => [graph.inputs, graph.outputs, opsets, metadata, irVersion];
      expect(face(decoded)).toEqual(face(given));
      expect(report.tensors.filter(({ rule }) => rule === 'quantize')).toHaveLength(quantized);
      for (const { name, rule } of report.tensors) {
        const before = given.graph.initializers.get(name);
        if (before && rule === 'exact') expect([...bytesOf(decoded.graph.initializers.get(name)!)]).toEqual([...bytesOf(before)]);
      }
      expect(report.fidelity?.outputs.every(({ broken }) => broken === undefined) ?? true).toBe(true);
    });
});

describe('is refused, with its code', () => {
  test.each([
    [
      'a model with operators that ONNX Runtime does not know',
      model(
        `g${io} { y = com.acme::Zap(x, w) }`,
        { w },
        {
          opsets: new Map([
            ['', 17],
            ['com.acme', 1],
          ]),
        },
      ),
      'input.engine-open',
    ],
    ['a cycle', model(`g${io} { y = Add(h, h) h = MatMul(y, w) }`, { w }), 'input.cycle'],
    ['an opset from the future', model(`g${io} { y = MatMul(x, w) }`, { w }, { opsets: new Map([['', 99]]) }), 'unsupported.opset'],
  ])('%s', async (_, given, code) => {
    await expect(small(given)).rejects.toMatchObject({ code });
  });

  test('but keeps every bit of operators that nobody knows', async () => {
    const given = model(`g${io} { y = com.acme::Zap(x, w) }`, { w }, { opsets: new Map([['com.acme', 1]]) });
    const { bytes } = await squeeze({ model: writeOnnx(given), lossless: true });
    expect(readModel(bytes).graph.initializers.get('w')).toEqual(w);
  });
});
