/** Moments against their definitions, multiplied out in doubles on the reference evaluator. */
import { describe, expect, test } from 'vitest';
import { collectMoments } from '../../src/calibrate/collect.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { worst } from '../support/compare.js';
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
  return { model, layer: { ...layersOf(model)[0]!, bias: 'b' } };
};

const common = { engine: onnxruntimeNode, threads: 1, seed: 9 };

describe.each(Object.entries(nets))('of %s', (_, spec) => {
  const { model, layer } = first(spec);
  const samples = normalSamples(model, 3);

  test('gradient moments are those of gradients by central differences', async () => {
    const found = (await collectMoments({ ...common, model, layers: [layer], samples, kind: 'gradient', draws: 2 })).get(layer.weight)!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed });
    expect(found.kind).toBe('gradient');
    const scale = brute.trace / 100;
    const near = (a: ArrayLike<number>, b: ArrayLike<number>): number => worst(a, b, { ...single, abs: single.abs * scale });
    expect(near([found.trace], [brute.trace])).toBeLessThan(1);
    for (let g = 0; g < layer.groups; g++) {
      expect(near(found.input![g]!, brute.input[g]!)).toBeLessThan(1);
      expect(near(found.output![g]!, brute.output[g]!)).toBeLessThan(1);
    }
    // The twin that must fail: moments of other draws.
    const others = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed + 1 });
    expect(near(found.input![0]!, others.input[0]!)).toBeGreaterThan(1);
  });
});

describe.each(Object.entries(nets).filter(([, spec]) => first(spec).layer.readers.length === 1))('of %s', (_, spec) => {
  test('forward moments are the mean over samples and places of what the weight meets', async () => {
    const { model, layer } = first(spec);
    const samples = normalSamples(model, 3);
    const found = (await collectMoments({ ...common, model, layers: [layer], samples, kind: 'forward' })).get(layer.weight)!;
    const brute = bruteForward(model, layer, samples);
    expect(found).toMatchObject({ kind: 'forward', output: null, trace: 1 });
    for (let g = 0; g < layer.groups; g++) expect(worst(found.input![g]!, brute[g]!, single)).toBeLessThan(1);
  });
});
