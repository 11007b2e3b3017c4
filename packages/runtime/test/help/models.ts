/** Models and stored tensors for tests: seeded, built by hand, so that this package needs no other. */
import type { SharedStored, StoredTensor } from '../../src/format/stored.js';
import type { Attribute, GraphData, Model, NodeData, ValueInfo } from '../../src/model.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';

/** A seeded stream of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Sum of four uniform numbers: near enough to normal, and the same on every machine. */
export const bell = (next: () => number): number => (next() + next() + next() + next() - 2) * 1.7;

export const floats = (dims: readonly number[], next: () => number, scale = 1): Tensor => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from({ length: sizeOf(dims) }, () => bell(next) * scale),
});

export const ints = (...list: readonly number[]): Tensor => ({
  dtype: 'int64',
  dims: [list.length],
  data: BigInt64Array.from(list, BigInt),
});

/** Attributes from plain values: a number is an int, `{ float }` a float. */
export type Given = Readonly<Record<string, number | string | readonly number[] | { readonly float: number } | Tensor>>;

export function node(op: string, inputs: readonly string[], outputs: readonly string[], given: Given = {}): NodeData {
  const attributes = new Map<string, Attribute>();
  for (const [name, value] of Object.entries(given))
    if (typeof value === 'number') attributes.set(name, { kind: 'int', value });
    else if (typeof value === 'string') attributes.set(name, { kind: 'string', value });
    else if (Array.isArray(value)) attributes.set(name, { kind: 'ints', value: value as readonly number[] });
    else if ('float' in value) attributes.set(name, { kind: 'float', value: Math.fround(value.float) });
    else attributes.set(name, { kind: 'tensor', value: value as Tensor });
  return { op, domain: '', name: outputs[0] ?? '', inputs, outputs, attributes };
}

export const value = (name: string, ...dims: readonly (number | string)[]): ValueInfo => ({ name, dtype: 'float32', dims });

export function model(graph: Partial<GraphData> & Pick<GraphData, 'nodes' | 'inputs' | 'outputs'>, opset = 17): Model {
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producerName: 'pith',
    producerVersion: '0.1.0',
    domain: '',
    modelVersion: 0,
    doc: '',
    metadata: new Map(),
    functions: [],
    graph: { name: 'g', initializers: new Map(), opaqueInitializers: new Map(), valueInfo: [], ...graph },
  };
}

/** Cuts a tensor down to a share of its weights, the largest, and shares them among `clusters` values, linearly spaced. */
export function share(tensor: Tensor, density: number, clusters: number, gapBits: number): SharedStored {
  const data = tensor.data as Float32Array;
  const order = [...data.keys()].sort((a, b) => Math.abs(data[b]!) - Math.abs(data[a]!) || a - b);
  const positions = Uint32Array.from(order.slice(0, Math.round(data.length * density))).sort();
  let low = Infinity;
  let high = -Infinity;
  for (const at of positions) {
    low = Math.min(low, data[at]!);
    high = Math.max(high, data[at]!);
  }
  const codebook = Float32Array.from({ length: clusters }, (_, i) => low + ((high - low) * i) / (clusters - 1));
  const index = Uint16Array.from(positions, (at) => Math.round(((data[at]! - low) / (high - low)) * (clusters - 1)));
  return { kind: 'shared', dims: tensor.dims, codebook, positions: density === 1 ? null : positions, index, gapBits };
}

export interface Sample {
  readonly model: Model;
  readonly stored: Map<string, StoredTensor>;
}

/** LeNet-5 in Caffe's shape with random weights; with `stored`, pruned and shared at the densities of Deep Compression's table 4. */
export function lenet5(seed = 7): Sample {
  const next = random(seed);
  const initializers = new Map<string, Tensor>([
    ['conv1.weight', floats([20, 1, 5, 5], next, 0.2)],
    ['conv1.bias', floats([20], next, 0.1)],
    ['conv2.weight', floats([50, 20, 5, 5], next, 0.05)],
    ['conv2.bias', floats([50], next, 0.1)],
    ['fc1.weight', floats([500, 800], next, 0.04)],
    ['fc1.bias', floats([500], next, 0.1)],
    ['fc2.weight', floats([10, 500], next, 0.05)],
    ['fc2.bias', floats([10], next, 0.1)],
  ]);
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const graph = model({
    name: 'lenet-5',
    initializers,
    inputs: [value('image', 'N', 1, 28, 28)],
    outputs: [value('logits', 'N', 10)],
    nodes: [
      node('Conv', ['image', 'conv1.weight', 'conv1.bias'], ['conv1'], { kernel_shape: [5, 5] }),
      node('MaxPool', ['conv1'], ['pool1'], pool),
      node('Conv', ['pool1', 'conv2.weight', 'conv2.bias'], ['conv2'], { kernel_shape: [5, 5] }),
      node('MaxPool', ['conv2'], ['pool2'], pool),
      node('Flatten', ['pool2'], ['flat'], { axis: 1 }),
      node('Gemm', ['flat', 'fc1.weight', 'fc1.bias'], ['fc1'], { transB: 1 }),
      node('Relu', ['fc1'], ['relu1']),
      node('Gemm', ['relu1', 'fc2.weight', 'fc2.bias'], ['logits'], { transB: 1 }),
    ],
  });
  const settings: [string, number, number, number][] = [
    ['conv1.weight', 0.66, 255, 8],
    ['conv2.weight', 0.12, 255, 8],
    ['fc1.weight', 0.08, 31, 5],
    ['fc2.weight', 0.19, 31, 5],
  ];
  const stored = new Map<string, StoredTensor>();
  for (const [name, density, clusters, gapBits] of settings) stored.set(name, share(initializers.get(name)!, density, clusters, gapBits));
  return { model: graph, stored };
}
