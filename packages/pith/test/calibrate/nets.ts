/** Nets of one layer of interest each, the first, and something behind it that is not linear; what tests of their moments share. */
import type { WeightLayer } from '../../src/calibrate/layer.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { worst } from '../support/compare.js';
import { type NetSpec, netOf } from './brute.js';
import { layersOf } from './layers.js';

export const nets: Readonly<Record<string, NetSpec>> = {
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

export const single = { abs: 2e-4, rel: 2e-4, because: 'sums of some hundred products in single precision, and central differences' };

export const first = (spec: NetSpec): { model: ReturnType<typeof netOf>; layer: WeightLayer } => {
  const model = netOf(spec);
  return { model, layer: layersOf(model)[0]! };
};

export const common = { engine: onnxruntimeNode, threads: 1, seed: 9 };

export const diagonalOf = (m: Float64Array): number[] => {
  const n = Math.sqrt(m.length);
  return Array.from({ length: n }, (_, i) => m[i * (n + 1)]!);
};

/** In units of the tolerance, where a hundredth of the trace is a number of usual size. */
export const near = (trace: number) => (a: ArrayLike<number>, b: ArrayLike<number>) =>
  worst(a, b, { ...single, abs: (single.abs * trace) / 100 });
