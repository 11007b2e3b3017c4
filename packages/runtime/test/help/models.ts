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

type Setting = readonly [name: string, density: number, clusters: number, gapBits: number];

const compressed = (initializers: ReadonlyMap<string, Tensor>, settings: readonly Setting[]): Map<string, StoredTensor> =>
  new Map(settings.map(([name, density, clusters, gapBits]) => [name, share(initializers.get(name)!, density, clusters, gapBits)]));

/** LeNet-5 in Caffe's shape with random weights; `stored`: pruned and shared at the densities of Deep Compression's table 3. */
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
  const stored = compressed(initializers, [
    ['conv1.weight', 0.66, 255, 8],
    ['conv2.weight', 0.12, 255, 8],
    ['fc1.weight', 0.08, 31, 5],
    ['fc2.weight', 0.19, 31, 5],
  ]);
  return { model: graph, stored };
}

/** LeNet-300-100 likewise, at the densities of table 2. */
export function lenet300(seed = 7): Sample {
  const next = random(seed);
  const sizes = [784, 300, 100, 10];
  const initializers = new Map<string, Tensor>();
  const nodes = [node('Flatten', ['image'], ['flat'])];
  for (let i = 1; i < sizes.length; i++) {
    initializers.set(`fc${i}.weight`, floats([sizes[i]!, sizes[i - 1]!], next, 0.05));
    initializers.set(`fc${i}.bias`, floats([sizes[i]!], next, 0.1));
    const output = i === 3 ? 'logits' : `fc${i}`;
    nodes.push(node('Gemm', [i === 1 ? 'flat' : `relu${i - 1}`, `fc${i}.weight`, `fc${i}.bias`], [output], { transB: 1 }));
    if (i < 3) nodes.push(node('Relu', [output], [`relu${i}`]));
  }
  const graph = {
    name: 'lenet-300-100',
    initializers,
    inputs: [value('image', 'N', 1, 28, 28)],
    outputs: [value('logits', 'N', 10)],
    nodes,
  };
  const stored = compressed(initializers, [
    ['fc1.weight', 0.08, 31, 5],
    ['fc2.weight', 0.09, 31, 5],
    ['fc3.weight', 0.26, 31, 5],
  ]);
  return { model: model(graph), stored };
}

/** A small residual network as ResNet-20 is built: batch normalization, shortcuts by strided Slice and Pad. */
export function residual(seed = 7): Sample {
  const next = random(seed);
  const initializers = new Map<string, Tensor>();
  const nodes: NodeData[] = [];
  const layer = (x: string, name: string, from: number, to: number, stride: number): string => {
    initializers.set(`${name}.weight`, floats([to, from, 3, 3], next, 1 / Math.sqrt(9 * from)));
    const norm = ['gamma', 'beta', 'mean', 'var'].map((part) => `${name}.${part}`);
    for (const part of norm) {
      const drawn = floats([to], next, 0.3);
      const data = part.endsWith('var') ? (drawn.data as Float32Array).map((v) => 0.5 + v * v) : drawn.data;
      initializers.set(part, { ...drawn, data });
    }
    nodes.push(
      node('Conv', [x, `${name}.weight`], [`${name}.conv`], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] }),
    );
    nodes.push(node('BatchNormalization', [`${name}.conv`, ...norm], [`${name}.norm`], { epsilon: { float: 1e-5 } }));
    return `${name}.norm`;
  };
  nodes.push(node('Relu', [layer('input', 'stem', 3, 8, 1)], ['stem']));
  nodes.push(node('Relu', [layer('stem', 'a', 8, 16, 2)], ['a']));
  const branch = layer('a', 'b', 16, 16, 1);
  for (const [
    name,
    list,
  ] of [['starts', [0, 0]], ['ends', [9999, 9999]], ['axes', [2, 3]], ['steps', [2, 2]], ['pads', [0, 4, 0, 0, 0, 4, 0, 0]]] as const) // biome-ignore format: one line says more
    initializers.set(name, ints(...list));
  nodes.push(node('Slice', ['stem', 'starts', 'ends', 'axes', 'steps'], ['sliced']));
  nodes.push(node('Pad', ['sliced', 'pads'], ['shortcut']));
  nodes.push(node('Add', [branch, 'shortcut'], ['sum']));
  nodes.push(node('Relu', ['sum'], ['features']));
  nodes.push(node('GlobalAveragePool', ['features'], ['pooled']));
  nodes.push(node('Flatten', ['pooled'], ['flat']));
  initializers.set('fc.weight', floats([10, 16], next));
  nodes.push(node('Gemm', ['flat', 'fc.weight'], ['logits'], { transB: 1 }));
  const graph = { initializers, inputs: [value('input', 'N', 3, 16, 16)], outputs: [value('logits', 'N', 10)], nodes };
  return { model: model(graph), stored: new Map([['a.weight', share(initializers.get('a.weight')!, 1, 63, 0)]]) };
}
