/** Moments against their definitions, multiplied out in doubles on the reference evaluator. */
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Model, Tensor, ValueInfo } from '../../src/base/tensor.js';
import { collectMoments } from '../../src/calibrate/collect.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';
import type { Samples } from '../../src/calibrate/samples.js';
import type { Engine } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { fromRef, toRef } from '../../src/ops/ref.js';
import { worst } from '../support/compare.js';
import { failureOf } from '../train/tiny.js';
import { bruteForward, bruteMoments, type NetSpec, netOf, normalSamples } from './brute.js';
import { layersOf } from './layers.js';

/** Each net has one layer of interest, the first, and something that is not linear behind it. */
const nets: Readonly<Record<string, NetSpec>> = {
  'a convolution with padding, more places than rows': {
    graph: `g(x: float32[N,2,6,5]) -> (y: float32[N,2]) {
      h = Conv(x, w, b) { pads = ints [1, 1, 1, 1] }
      r = Relu(h)
      p = GlobalAveragePool(r)
      f = Flatten(p)
      y = Gemm(f, w2, b2) { transB = 1 }
    }`,
    weights: { w: [3, 2, 3, 3], b: [3], w2: [2, 3], b2: [2] },
  },
  'a convolution with strides and dilations, fewer places than rows': {
    graph: `g(x: float32[N,2,7,6]) -> (y: float32[N,5,2,2]) {
      h = Conv(x, w, b) { pads = ints [1, 0, 0, 1], strides = ints [2, 3], dilations = ints [2, 1] }
      y = Tanh(h)
    }`,
    weights: { w: [5, 2, 3, 2], b: [5] },
  },
  'a grouped convolution': {
    graph: `g(x: float32[N,4,4,4]) -> (y: float32[N,6,2,2]) {
      h = Conv(x, w, b) { group = 2 }
      y = Relu(h)
    }`,
    weights: { w: [6, 2, 3, 3], b: [6] },
  },
  'a depthwise convolution': {
    graph: `g(x: float32[N,4,5]) -> (y: float32[N,4,5]) {
      h = Conv(x, w, b) { group = 4, pads = ints [1, 1] }
      y = Tanh(h)
    }`,
    weights: { w: [4, 1, 3], b: [4] },
  },
  'a pointwise convolution with stride': {
    graph: `g(x: float32[N,3,4,4]) -> (y: float32[N,2,2,2]) {
      h = Conv(x, w, b) { strides = ints [2, 2] }
      y = Relu(h)
    }`,
    weights: { w: [2, 3, 1, 1], b: [2] },
  },
  'a Gemm with a transposed weight': {
    graph: `g(x: float32[N,4]) -> (y: float32[N,5]) {
      h = Gemm(x, w, b) { transB = 1 }
      y = Tanh(h)
    }`,
    weights: { w: [5, 4], b: [5] },
  },
  'a Gemm with a factor': {
    graph: `g(x: float32[N,4]) -> (y: float32[N,5]) {
      h = Gemm(x, w, b) { alpha = 0.5f }
      y = Tanh(h)
    }`,
    weights: { w: [4, 5], b: [5] },
  },
  'a MatMul of a sequence, its bias added afterwards': {
    graph: `g(x: float32[N,5,4]) -> (y: float32[N,5,3]) {
      h = MatMul(x, w)
      s = Add(h, b)
      y = Tanh(s)
    }`,
    weights: { w: [4, 3], b: [3] },
  },
  'a product with the weight on the left': {
    graph: `g(x: float32[N,4,3]) -> (y: float32[N,5,3]) {
      h = MatMul(w, x)
      y = Tanh(h)
    }`,
    weights: { w: [5, 4] },
  },
  'a weight that is transposed on the way': {
    graph: `g(x: float32[N,6,4]) -> (y: float32[N,6,3]) {
      t = Transpose(w) { perm = ints [1, 0] }
      h = MatMul(x, t)
      y = Tanh(h)
    }`,
    weights: { w: [3, 4] },
  },
  'a transposed convolution with strides and padding': {
    graph: `g(x: float32[N,3,3,4]) -> (y: float32[N,2,6,5]) {
      h = ConvTranspose(x, w) { strides = ints [2, 1], pads = ints [1, 1, 0, 1] }
      y = Tanh(h)
    }`,
    weights: { w: [3, 2, 3, 4] },
  },
  'a weight that two nodes read': {
    graph: `g(x: float32[N,5,4]) -> (y: float32[N,5,4]) {
      h = MatMul(x, w)
      s = Add(h, b)
      t = Tanh(s)
      u = MatMul(t, w)
      y = Add(u, b)
    }`,
    weights: { w: [4, 4], b: [4] },
  },
};

const single = { abs: 2e-4, rel: 2e-4, because: 'sums of some hundred products in single precision, and central differences' };

const first = (spec: NetSpec): { model: ReturnType<typeof netOf>; layer: WeightLayer } => {
  const model = netOf(spec);
  return { model, layer: layersOf(model)[0]! };
};

/** Whether each element of the result is one place of one row. */
const isPlain = ({ readers, op }: WeightLayer): boolean => readers.length === 1 && op !== 'ConvTranspose';

const common = { engine: onnxruntimeNode, threads: 1, seed: 9 };

const diagonalOf = (m: Float64Array): number[] => {
  const n = Math.sqrt(m.length);
  return Array.from({ length: n }, (_, i) => m[i * (n + 1)]!);
};

/** In units of the tolerance, where a hundredth of the trace is a number of usual size. */
const near = (trace: number) => (a: ArrayLike<number>, b: ArrayLike<number>) => worst(a, b, { ...single, abs: (single.abs * trace) / 100 });

describe.each(Object.entries(nets))('of %s', (_, spec) => {
  const { model, layer } = first(spec);
  const samples = normalSamples(model, 3);
  const options = { ...common, model, layers: [layer], samples, kind: 'gradient', draws: 2 } as const;

  test('gradient moments are those of gradients by central differences', async () => {
    const found = (await collectMoments(options)).get(layer.weight)!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed });
    expect(found.kind).toBe('gradient');
    const off = near(brute.trace);
    expect(off([found.trace], [brute.trace])).toBeLessThan(1);
    for (let g = 0; g < layer.groups; g++) {
      expect(off(found.input![g]!, brute.input[g]!)).toBeLessThan(1);
      expect(off(found.output![g]!, brute.output[g]!)).toBeLessThan(1);
      expect([...found.inputDiagonal[g]!]).toEqual(diagonalOf(found.input![g]!));
      expect([...found.outputDiagonal![g]!]).toEqual(diagonalOf(found.output![g]!));
    }
    // The twin that must fail: moments of other draws.
    const others = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed + 1 });
    expect(off(found.input![0]!, others.input[0]!)).toBeGreaterThan(1);
  });

  test('sides that are too wide are diagonals, and whiten as such', async () => {
    const found = (await collectMoments({ ...options, widest: 0 })).get(layer.weight)!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed, diagonal: ['input', 'output'] });
    expect([found.input, found.output]).toEqual([null, null]);
    for (let g = 0; g < layer.groups; g++) {
      expect(near(brute.trace)(found.inputDiagonal[g]!, diagonalOf(brute.input[g]!))).toBeLessThan(1);
      expect(near(brute.trace)(found.outputDiagonal![g]!, diagonalOf(brute.output[g]!))).toBeLessThan(1);
    }
  });
});

describe('in blocks', () => {
  const spec = nets['a convolution with padding, more places than rows']!;
  const { model, layer } = first({
    ...spec,
    graph: spec.graph.replace('x: float32[N,2,6,5]', 'x: float32[N,6,6,5]'),
    weights: { ...spec.weights, w: [3, 6, 3, 3] },
  });
  const samples = normalSamples(model, 3);
  const options = { ...common, model, layers: [layer], samples, draws: 2 } as const;
  const width = 54;
  /** Rows and columns of a block, and those of the bias, of the whole matrix. */
  const blockOf = (whole: Float64Array, block: number, size: number): number[] => {
    const places = [...Array.from({ length: size }, (_, i) => block * size + i), width];
    return places.flatMap((i) => places.map((j) => whole[i * (width + 1) + j]!));
  };

  test.each([27, 18])('of %i columns, forward moments are parts of the whole matrix', async (size) => {
    const whole = (await collectMoments({ ...options, kind: 'forward' })).get(layer.weight)!;
    const found = (await collectMoments({ ...options, kind: 'forward', widest: size })).get(layer.weight)!;
    expect(found.blocks).toBe(width / size);
    for (let b = 0; b < found.blocks; b++) expect(worst(found.input![b]!, blockOf(whole.input![0]!, b, size), single)).toBeLessThan(1);
    expect(worst(found.inputDiagonal[0]!, whole.inputDiagonal[0]!, single)).toBeLessThan(1);
    expect(worst(found.input![0]!, blockOf(whole.input![0]!, 1, size), single)).toBeGreaterThan(1);
  });

  test('gradient moments have the trace of the whole, and nearly its parts', async () => {
    const whole = (await collectMoments({ ...options, kind: 'gradient' })).get(layer.weight)!;
    const found = (await collectMoments({ ...options, kind: 'gradient', widest: 27 })).get(layer.weight)!;
    expect(found.blocks).toBe(2);
    const trace = (list: readonly ArrayLike<number>[]): number =>
      list.reduce((sum, m) => sum + diagonalOf(Float64Array.from(m)).reduce((a, b) => a + b, 0), 0);
    expect(trace(found.input!) / found.trace).toBeCloseTo(1, 4);
    expect(trace(found.output!) / found.trace).toBeCloseTo(1, 4);
    // the other side is whitened by blocks too, and each block has a bias: shares of the trace move a little, not more
    const shares = (m: Float64Array): number[] =>
      diagonalOf(m)
        .slice(0, 9)
        .map((v) => v / found.trace);
    const parts = (b: number): number[] => Array.from({ length: 27 }, (_, i) => whole.inputDiagonal[0]![27 * b + i]! / whole.trace);
    for (const b of [0, 1]) expect(Math.max(...shares(found.input![b]!).map((v, i) => Math.abs(v - parts(b)[i]!)))).toBeLessThan(0.02);
    expect(found.inputDiagonal[0]!.length).toBe(width + 1);
  });

  test('are not made in groups: those have diagonals', async () => {
    const grouped = first(nets['a grouped convolution']!);
    const moments = await collectMoments({
      ...common,
      model: grouped.model,
      layers: [grouped.layer],
      samples: normalSamples(grouped.model, 3),
      kind: 'gradient',
      widest: 9,
    });
    expect(moments.get(grouped.layer.weight)).toMatchObject({ blocks: 1, input: null });
  });
});

describe('of a table that is looked up', () => {
  const model = netOf({
    graph: `g(ids: int64[N,3]) -> (y: float32[N,3,2]) {
      h = Gather(w, ids)
      t = Tanh(h)
      y = MatMul(t, v)
    }`,
    weights: { w: [7, 4], v: [4, 2] },
  });
  const layer = layersOf(model).find(({ weight }) => weight === 'w')!;
  const ids = BigInt64Array.of(0n, 3n, 5n, 6n, 0n, -4n);
  const samples: Samples = {
    count: 2,
    origin: 'given',
    feeds: (start, n) => new Map([['ids', { dtype: 'int64', dims: [n, 3], data: ids.slice(3 * start, 3 * (start + n)) }]]),
  };
  const options = { ...common, model, layers: [layer], samples, draws: 2 } as const;

  test('gradient moments have a diagonal for its rows', async () => {
    const found = (await collectMoments({ ...options, kind: 'gradient' })).get('w')!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed, diagonal: ['output'] });
    const off = near(brute.trace);
    expect(off([found.trace], [brute.trace])).toBeLessThan(1);
    expect(off(found.input![0]!, brute.input[0]!)).toBeLessThan(1);
    expect(found.output).toBeNull();
    expect(off(found.outputDiagonal![0]!, diagonalOf(brute.output[0]!))).toBeLessThan(1);
  });

  test('forward moments are the shares of lookups', async () => {
    const found = (await collectMoments({ ...options, kind: 'forward' })).get('w')!;
    expect([...found.outputDiagonal![0]!]).toEqual([2, 0, 0, 2, 0, 1, 1].map((n) => n / 6));
    expect([...found.inputDiagonal[0]!]).toEqual([1, 1, 1, 1, 0]);
  });
});

describe('where a gradient cannot be had', () => {
  const strange = netOf({
    graph: `g(x: float32[N,4,3]) -> (y: float32[N,4,2]) {
      a = MatMul(x, w1)
      s = Mish(a)
      b = MatMul(s, w2)
      y = Tanh(b)
    }`,
    weights: { w1: [3, 3], w2: [3, 2] },
  });
  const model = { ...strange, opsets: new Map([['', 18]]) };

  test('layers before an operator that pith does not know have forward moments, those behind it gradient moments', async () => {
    const samples = normalSamples(model, 5);
    const found = await collectMoments({ ...common, model, layers: layersOf(model), samples, kind: 'gradient' });
    expect(new Map([...found].map(([name, m]) => [name, m.kind]))).toEqual(
      new Map([
        ['w1', 'forward'],
        ['w2', 'gradient'],
      ]),
    );
  });

  test('both directions of a recurrent layer have the moments of its input, and of its output where that is there', async () => {
    const lstm = netOf({
      graph: `g(x: float32[5,N,3]) -> (y: float32[5,2,N,4]) {
        y = LSTM(x, w, r) { hidden_size = 4, direction = "bidirectional" }
      }`,
      weights: { w: [2, 16, 3], r: [2, 16, 4] },
    });
    const samples: Samples = {
      count: 2,
      origin: 'given',
      feeds: (start, n) =>
        new Map([['x', { dtype: 'float32', dims: [5, n, 3], data: Float32Array.from({ length: 15 * n }, (_, i) => Math.sin(i + start)) }]]),
    };
    const found = await collectMoments({ ...common, model: lstm, layers: layersOf(lstm), samples, kind: 'gradient' });
    expect(found.get('w')).toMatchObject({ kind: 'forward', output: null });
    expect(found.get('w')!.input!.map((m) => m.length)).toEqual([16, 16]);
    expect(found.get('w')!.input![0]).toEqual(found.get('w')!.input![1]);
    expect(found.get('r')!.input!.map((m) => m.length)).toEqual([25, 25]);
    expect(found.get('r')!.input![0]).not.toEqual(found.get('r')!.input![1]);
  });

  test('an engine that does not take the graph of gradients still gives forward moments', async () => {
    const { model: plain, layer } = first(nets['a Gemm with a factor']!);
    const strict: Engine = {
      ...onnxruntimeNode,
      open(graph, options) {
        if (graph.graph.outputs.some(({ name }) => name.endsWith('/input')))
          throw new PithError('input.engine-open', { expected: 'a graph as it was', got: 'gradients' });
        return onnxruntimeNode.open(graph, options);
      },
    };
    const options = { ...common, model: plain, layers: [layer], samples: normalSamples(plain, 3), kind: 'gradient' } as const;
    expect((await collectMoments({ ...options, engine: strict })).get(layer.weight)!.kind).toBe('forward');
    expect((await collectMoments(options)).get(layer.weight)!.kind).toBe('gradient');
  });

  test('an output of whole numbers gives forward moments to all', async () => {
    const whole = netOf({
      graph: `g(x: float32[N,3]) -> (y: int64[N,2]) {
        a = MatMul(x, w)
        y = Cast(a) { to = 7 }
      }`,
      weights: { w: [3, 2] },
    });
    const found = await collectMoments({
      ...common,
      model: whole,
      layers: layersOf(whole),
      samples: normalSamples(whole, 3),
      kind: 'gradient',
    });
    expect(found.get('w')!.kind).toBe('forward');
  });
});

describe.each(['float16', 'float64'] as const)('in %s', (dtype) => {
  const retype = (t: Tensor): Tensor => (t.dtype === 'float32' ? fromRef({ ...toRef(t), dtype }) : t);
  const { model, layer } = first(nets['a convolution with padding, more places than rows']!);
  const { graph } = model;
  const types = (list: readonly ValueInfo[]): ValueInfo[] => list.map((v) => ({ ...v, dtype }));
  const initializers = new Map([...graph.initializers].map(([name, t]) => [name, retype(t)]));
  const other: Model = { ...model, graph: { ...graph, inputs: types(graph.inputs), outputs: types(graph.outputs), initializers } };
  const plain = normalSamples(model, 3);
  const samples: Samples = { ...plain, feeds: (start, n) => new Map([...plain.feeds(start, n)].map(([name, t]) => [name, retype(t)])) };

  test('gradient moments are those of the same numbers in single precision', async () => {
    const options = { ...common, layers: [layer], kind: 'gradient', draws: 2 } as const;
    const found = (await collectMoments({ ...options, model: other, samples })).get(layer.weight)!;
    const rounded = new Map([...initializers].map(([name, t]) => [name, fromRef({ ...toRef(t), dtype: 'float32' as const })]));
    const same = {
      ...plain,
      feeds: (s: number, n: number) =>
        new Map([...samples.feeds(s, n)].map(([name, t]) => [name, fromRef({ ...toRef(t), dtype: 'float32' as const })])),
    };
    const expected = (
      await collectMoments({ ...options, model: { ...model, graph: { ...graph, initializers: rounded } }, samples: same })
    ).get(layer.weight)!;
    expect(found).toEqual(expected);
    // The twin that must fail: numbers of another precision are others.
    const single = (await collectMoments({ ...options, model, samples: plain })).get(layer.weight)!;
    if (dtype === 'float16') expect(found).not.toEqual(single);
    else expect(found).toEqual(single);
  });
});

test('the same seed gives the same moments, another seed others; progress goes to its end; a signal stops it', async () => {
  const { model, layer } = first(nets['a Gemm with a factor']!);
  const samples = normalSamples(model, 5);
  const seen: (readonly [number, number])[] = [];
  const onProgress = (done: number, total: number): void => void seen.push([done, total]);
  const options = { ...common, model, layers: [layer], samples, kind: 'gradient', onProgress } as const;
  const [one, same, other] = [await collectMoments(options), await collectMoments(options), await collectMoments({ ...options, seed: 3 })];
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect(seen.slice(0, 2)).toEqual([
    [5, 10],
    [10, 10],
  ]);
  expect(await failureOf(() => collectMoments({ ...options, signal: AbortSignal.abort() }))).toMatchObject({
    code: 'interrupted.cancelled',
  });
});

describe.each(Object.entries(nets).filter(([, spec]) => isPlain(first(spec).layer)))('of %s', (_, spec) => {
  test('forward moments are the mean over samples and places of what the weight meets', async () => {
    const { model, layer } = first(spec);
    const samples = normalSamples(model, 3);
    const found = (await collectMoments({ ...common, model, layers: [layer], samples, kind: 'forward' })).get(layer.weight)!;
    const brute = bruteForward(model, layer, samples);
    expect(found).toMatchObject({ kind: 'forward', output: null, trace: 1 });
    for (let g = 0; g < layer.groups; g++) expect(worst(found.input![g]!, brute[g]!, single)).toBeLessThan(1);
  });
});
