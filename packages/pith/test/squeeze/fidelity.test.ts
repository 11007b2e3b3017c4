import { readPith, toModel, writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model, Tensor } from '../../src/base/tensor.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { foldBatchNorm } from '../../src/rewrite/fold-batch-norm.js';
import { liftConstants } from '../../src/rewrite/lift-constants.js';
import { compareModels, type Fidelity } from '../../src/squeeze/fidelity.js';
import { parsed } from '../onnx/samples.js';

const numbers = (n: number, least = -1): string => {
  const random = Random.of(5, n);
  return `[${Array.from({ length: n }, () => random.between(least, 1).toFixed(3)).join(', ')}]`;
};
const init = (name: string, dims: string, n: number, least = -1): string => `init ${name}: float32[${dims}] = ${numbers(n, least)}`;

const network = parsed(`net(x: float32[N,1,4,4]) -> (y: float32[N,3], features: float32[N,2,4,4]) {
  ${init('w', '2,1,3,3', 18)} ${['g', 'b', 'm'].map((name) => init(name, '2', 2)).join(' ')} ${init('v', '2', 2, 0.5)} ${init('u', '32,3', 96)}
  c = Conv(x, w) { pads = ints [1, 1, 1, 1] }
  features = BatchNormalization(c, g, b, m, v)
  r = Relu(features)
  f = Flatten(r)
  y = MatMul(f, u)
}`);

const samplesOf = (dims: readonly number[], count = 10): Samples => ({
  count,
  origin: 'noise',
  feeds: (start, n) => {
    const size = dims.reduce((a, b) => a * b, 1);
    const data = new Float32Array(n * size);
    for (let s = 0; s < n; s++) {
      const random = Random.of(9, start + s);
      for (let i = 0; i < size; i++) data[s * size + i] = random.between(-1, 1);
    }
    return new Map([['x', { dtype: 'float32' as const, dims: [n, ...dims], data }]]);
  },
});

const image = samplesOf([1, 4, 4]);

const compared = (a: Model, b: Model, samples = image, perLayer = false): Promise<Fidelity> =>
  compareModels({ engine: onnxruntimeNode, threads: 1, a, b, samples, perLayer });

const withTensor = (model: Model, name: string, change: (x: number, i: number) => number): Model => {
  const tensor = model.graph.initializers.get(name)!;
  const bent: Tensor = { ...tensor, data: Float32Array.from(tensor.data as Float32Array, change) };
  return { ...model, graph: { ...model.graph, initializers: new Map([...model.graph.initializers, [name, bent]]) } };
};

describe('fidelity', () => {
  test('of a model to itself is whole', async () => {
    const { outputs, layers, samples } = await compared(network, network);
    expect(outputs).toEqual([
      { name: 'y', cosine: 1, error: 0, maxAbs: 0, agreement: 1 },
      { name: 'features', cosine: 1, error: 0, maxAbs: 0 },
    ]);
    expect([layers, samples]).toEqual([null, 10]);
  });

  test('is what a plain computation over all outputs gives', async () => {
    const bent = withTensor(network, 'u', (x, i) => x + 0.35 * Math.sin(i));
    const [y] = (await compared(network, bent)).outputs;
    const run = async (model: Model): Promise<number[]> => {
      const session = await onnxruntimeNode.open(model, { threads: 1 });
      const out = await session.run(image.feeds(0, image.count));
      await session.close();
      return [...(out.get('y')!.data as Float32Array)];
    };
    const [a, b] = [await run(network), await run(bent)];
    const dot = (p: readonly number[], q: readonly number[]): number => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
    const mean = a.reduce((sum, v) => sum + v, 0) / a.length;
    const error = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const rows = Array.from({ length: a.length / 3 }, (_, i) => [a.slice(3 * i, 3 * i + 3), b.slice(3 * i, 3 * i + 3)] as const);
    const same = rows.filter(([p, q]) => p.indexOf(Math.max(...p)) === q.indexOf(Math.max(...q))).length / rows.length;
    // runs of one and of several samples sum in another order in ONNX Runtime
    expect(y!.cosine).toBeCloseTo(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 6);
    expect(y!.error).toBeCloseTo(error, 6);
    expect(y!.agreement).toBe(same);
    expect(same).toBeLessThan(1);
    expect(y!.broken).toBeUndefined();
  });

  test('of outputs that are not numbers any more is none', async () => {
    const [y, features] = (
      await compared(
        network,
        withTensor(network, 'u', (x, i) => (i === 4 ? Number.NaN : x)),
      )
    ).outputs;
    expect(y).toMatchObject({ cosine: Number.NaN, broken: expect.stringMatching(/^10 elements are NaN/) });
    expect(features).toMatchObject({ cosine: 1 });
  });

  test('does not ask for numbers where the original has none', async () => {
    const odd = withTensor(network, 'u', (x, i) => (i % 3 === 1 ? Number.POSITIVE_INFINITY : x));
    expect((await compared(odd, odd)).outputs[0]).toMatchObject({ cosine: 1, error: 0 });
  });

  test('of outputs of another direction is broken', async () => {
    const [y] = (
      await compared(
        network,
        withTensor(network, 'u', (x) => -x),
      )
    ).outputs;
    expect(y!.broken).toBe('a cosine of -1.00 with the original');
  });

  test('of outputs that are all equal is measured by their size', async () => {
    const flat = parsed(
      'g(x: float32[N,2]) -> (y: float32[N,2]) { init z: float32[1] = [0] init c: float32[2] = [1, 1] h = Mul(x, z) y = Add(h, c) }',
    );
    const [y] = (
      await compared(
        flat,
        withTensor(flat, 'c', (c) => c + 0.01),
        samplesOf([2]),
      )
    ).outputs;
    expect(y!.error).toBeCloseTo(1e-4, 8);
    const zero = withTensor(flat, 'c', () => 0);
    expect((await compared(zero, zero, samplesOf([2]))).outputs[0]).toMatchObject({ cosine: 1, error: 0 });
  });

  test('of half precision, integers and a fixed batch is measured too', async () => {
    const model = parsed(`g(x: float32[2,4]) -> (h: float16[2,4], top: int64[2]) {
      h = Cast(x) { to = 10 } top = ArgMax(x) { axis = 1, keepdims = 0 } }`);
    expect((await compared(model, model, samplesOf([4]))).outputs).toEqual([
      { name: 'h', cosine: 1, error: 0, maxAbs: 0, agreement: 1 },
      { name: 'top', cosine: 1, error: 0, maxAbs: 0 },
    ]);
  });

  test('leaves strings aside, and says so where nothing else is left', async () => {
    const text = (outputs: string): Model => parsed(`g(x: float32[N,2]) -> (${outputs}) { s = Cast(x) { to = 8 } y = Relu(x) }`);
    const both = text('s: type "0a020808", y: float32[N,2]');
    expect((await compared(both, both, samplesOf([2]))).outputs.map(({ name }) => name)).toEqual(['y']);
    const one = text('s: type "0a020808"');
    await expect(compared(one, one, samplesOf([2]))).rejects.toMatchObject({ code: 'unsupported.outputs' });
  });
});

describe('fidelity by layer', () => {
  const folded = foldBatchNorm(liftConstants(network)).model;
  const decoded = (model: Model): Model => toModel(readPith(writePith({ model }).bytes));

  test('finds the layers of a decoded file, which has lost their names', async () => {
    const { layers } = await compared(network, decoded(folded), image, true);
    expect(layers!.map(({ name }) => name)).toEqual(['Conv features', 'MatMul y']);
    for (const layer of layers!) expect(layer).toMatchObject({ cosine: expect.closeTo(1, 6), maxAbs: expect.closeTo(0, 5) });
  });

  test('tells where an error begins', async () => {
    const bent = decoded(withTensor(folded, 'u', (x, i) => (i % 2 ? x : 0)));
    const { layers } = await compared(network, bent, image, true);
    expect(layers![0]!.error).toBeLessThan(1e-9);
    expect(layers![1]!.error).toBeGreaterThan(0.01);
  });

  test('is not given for graphs that differ in more than a squeeze changes', async () => {
    const other = parsed(
      'net(x: float32[N,1,4,4]) -> (y: float32[N,16], features: float32[N,1,4,4]) { features = Relu(x) y = Flatten(features) }',
    );
    expect((await compared(other, network, image, true)).layers).toBeNull();
  });
});

test('a comparison can be cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(
    compareModels({ engine: onnxruntimeNode, threads: 1, a: network, b: network, samples: image, signal }),
  ).rejects.toMatchObject({
    code: 'interrupted.cancelled',
  });
});
