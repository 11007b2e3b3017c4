/** Blocks of well-known networks, small and with random weights, in the way exporters write them; and their weights in each stored form. */
import type { StoredTensor } from '../../src/format/stored.js';
import { naturalView } from '../../src/format/uniform.js';
import type { Model, NodeData, ValueInfo } from '../../src/model.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { bell, floats, type Given, ints, model, node, random, share, value } from './models.js';

interface ConvForm {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
}

/** A graph that is written node after node. */
export class Net {
  readonly nodes: NodeData[] = [];
  readonly initializers = new Map<string, Tensor>();
  private readonly next: () => number;
  private count = 0;

  constructor(seed: number) {
    this.next = random(seed);
  }

  constant(tensor: Tensor): string {
    const name = `c${this.initializers.size}`;
    this.initializers.set(name, tensor);
    return name;
  }

  scalar(x: number): string {
    return this.constant({ dtype: 'float32', dims: [], data: Float32Array.of(x) });
  }

  ints(...list: readonly number[]): string {
    return this.constant(ints(...list));
  }

  /** A weight whose outputs have about the variance of the inputs. */
  weight(dims: readonly number[], inputs: number): string {
    const name = `w${this.initializers.size}`;
    this.initializers.set(name, floats(dims, this.next, 1 / Math.sqrt(inputs)));
    return name;
  }

  add(op: string, inputs: readonly string[], given: Given = {}): string {
    return this.several(op, inputs, 1, given)[0]!;
  }

  several(op: string, inputs: readonly string[], outputs: number, given: Given = {}): string[] {
    const names = Array.from({ length: outputs }, () => `${op}_${this.count++}`);
    this.nodes.push(node(op, inputs, names, given));
    return names;
  }

  conv(x: string, { from, to, kernel, stride = 1, pad = (kernel - 1) >> 1, groups = 1 }: ConvForm, bias = true): string {
    const inputs = (from / groups) * kernel * kernel;
    const weights = [
      this.weight([to, from / groups, kernel, kernel], inputs),
      ...(bias ? [this.constant(floats([to], this.next, 0.1))] : []),
    ];
    return this.add('Conv', [x, ...weights], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: groups,
    });
  }

  norm(x: string, channels: number): string {
    const drawn = (of: (v: number) => number): string =>
      this.constant({ dtype: 'float32', dims: [channels], data: Float32Array.from({ length: channels }, () => of(bell(this.next))) });
    return this.add(
      'BatchNormalization',
      [x, drawn((v) => 1 + 0.2 * v), drawn((v) => 0.2 * v), drawn((v) => 0.2 * v), drawn((v) => 1 + v * v)],
      {
        epsilon: { float: 1e-5 },
      },
    );
  }

  relu(x: string): string {
    return this.add('Relu', [x]);
  }

  relu6(x: string): string {
    return this.add('Clip', [x, this.scalar(0), this.scalar(6)]);
  }

  head(x: string, channels: number): void {
    const flat = this.add('Flatten', [this.add('GlobalAveragePool', [x])]);
    this.nodes.push(
      node('Gemm', [flat, this.weight([10, channels], channels), this.constant(floats([10], this.next, 0.1))], ['y'], { transB: 1 }),
    );
  }

  model(inputs: readonly ValueInfo[], opset = 17): Model {
    return model(
      { inputs, outputs: [{ name: 'y', dtype: 'float32', dims: null }], nodes: this.nodes, initializers: this.initializers },
      opset,
    );
  }
}

const image = (channels: number, size: number): ValueInfo[] => [value('image', 'N', channels, size, size)];

/** Inverted residuals with depthwise convolutions, the second with a shortcut; a gate of squeeze and excitation, as in version 3. */
function mobilenet(): Model {
  const net = new Net(21);
  let x = net.relu6(net.norm(net.conv('image', { from: 3, to: 16, kernel: 3, stride: 2 }, false), 16));
  const block = (given: string, from: number, to: number, stride: number): string => {
    const wide = from * 4;
    const inner = net.relu6(net.norm(net.conv(given, { from, to: wide, kernel: 1 }, false), wide));
    const deep = net.relu6(net.norm(net.conv(inner, { from: wide, to: wide, kernel: 3, stride, groups: wide }, false), wide));
    const out = net.norm(net.conv(deep, { from: wide, to, kernel: 1 }, false), to);
    return from === to && stride === 1 ? net.add('Add', [given, out]) : out;
  };
  x = block(x, 16, 24, 2);
  x = block(x, 24, 24, 1);
  const squeezed = net.relu(net.conv(net.add('GlobalAveragePool', [x]), { from: 24, to: 8, kernel: 1 }));
  const gate = net.add('HardSigmoid', [net.conv(squeezed, { from: 8, to: 24, kernel: 1 })], { alpha: { float: 1 / 6 } });
  x = net.add('HardSwish', [net.conv(net.add('Mul', [x, gate]), { from: 24, to: 40, kernel: 1 })]);
  net.head(x, 40);
  return net.model(image(3, 32));
}

/** Channels shuffled by Reshape and Transpose (version 1), and split (version 2). */
function shufflenet(): Model {
  const net = new Net(22);
  const x = net.relu(net.conv('image', { from: 3, to: 24, kernel: 3 }));
  const shuffle = (given: string, channels: number, groups: number): string => {
    const apart = net.add('Reshape', [given, net.ints(0, groups, channels / groups, 16, 16)]);
    const turned = net.add('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
    return net.add('Reshape', [turned, net.ints(0, channels, 16, 16)]);
  };
  const grouped = net.relu(net.conv(x, { from: 24, to: 24, kernel: 1, groups: 3 }));
  const mixed = net.add('Add', [
    x,
    net.conv(net.conv(shuffle(grouped, 24, 3), { from: 24, to: 24, kernel: 3, groups: 24 }), { from: 24, to: 24, kernel: 1, groups: 3 }),
  ]);
  const [left = '', right = ''] = net.several('Split', [net.relu(mixed), net.ints(12, 12)], 2, { axis: 1 });
  const branch = net.relu(net.conv(net.conv(right, { from: 12, to: 12, kernel: 3, groups: 12 }), { from: 12, to: 12, kernel: 1 }));
  net.head(shuffle(net.add('Concat', [left, branch], { axis: 1 }), 24, 2), 24);
  return net.model(image(3, 16));
}

/** Two fire modules with a pool between them. */
function squeezenet(): Model {
  const net = new Net(23);
  const fire = (x: string, from: number, squeeze: number, expand: number): string => {
    const small = net.relu(net.conv(x, { from, to: squeeze, kernel: 1 }));
    const parts = [1, 3].map((kernel) => net.relu(net.conv(small, { from: squeeze, to: expand, kernel })));
    return net.add('Concat', parts, { axis: 1 });
  };
  const pool = { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 };
  const stem = net.relu(net.conv('image', { from: 3, to: 16, kernel: 3, stride: 2 }));
  const first = fire(net.add('MaxPool', [stem], pool), 16, 8, 16);
  net.head(fire(net.add('MaxPool', [first], pool), 32, 8, 24), 48);
  return net.model(image(3, 33));
}

/** Four branches that meet in one concatenation, in two layers. */
function inception(): Model {
  const net = new Net(24);
  const module = (x: string, from: number): string => {
    const one = net.relu(net.conv(x, { from, to: 8, kernel: 1 }));
    const three = net.relu(net.conv(net.relu(net.conv(x, { from, to: 6, kernel: 1 })), { from: 6, to: 12, kernel: 3 }));
    const five = net.relu(net.conv(net.relu(net.conv(x, { from, to: 4, kernel: 1 })), { from: 4, to: 6, kernel: 5 }));
    const pooled = net.add('MaxPool', [x], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
    return net.add('Concat', [one, three, five, net.relu(net.conv(pooled, { from, to: 6, kernel: 1 }))], { axis: 1 });
  };
  net.head(module(module(net.relu(net.conv('image', { from: 3, to: 16, kernel: 3 })), 16), 32), 32);
  return net.model(image(3, 20));
}

/** The beginning of AlexNet: overlapping pools and normalization across channels; then a dense layer in two halves. */
function alexnet(): Model {
  const net = new Net(25);
  const layer = (x: string, form: ConvForm): string => {
    const normed = net.add('LRN', [net.relu(net.conv(x, form))], { size: 5, alpha: { float: 1e-2 }, beta: { float: 0.75 } });
    return net.add('MaxPool', [normed], { kernel_shape: [3, 3], strides: [2, 2] });
  };
  const x = layer(layer('image', { from: 3, to: 12, kernel: 5, stride: 2 }), { from: 12, to: 16, kernel: 3, groups: 2 });
  const flat = net.add('Flatten', [net.add('Dropout', [x])]);
  const hidden = net.relu(
    net.add('Gemm', [flat, net.weight([32, 16 * 9], 144), net.constant(floats([32], random(3), 0.1))], { transB: 1 }),
  );
  net.nodes.push(node('Gemm', [hidden, net.weight([32, 10], 32), net.constant(floats([1, 10], random(4), 0.1))], ['y']));
  return net.model(image(3, 33));
}

/** Dense connections: each layer reads all before it, so that concatenations hold concatenations. */
function densenet(): Model {
  const net = new Net(26);
  let x = net.relu(net.conv('image', { from: 3, to: 8, kernel: 3 }));
  for (let i = 0, channels = 8; i < 3; i++, channels += 4) {
    const made = net.conv(net.relu(net.norm(x, channels)), { from: channels, to: 4, kernel: 3 });
    x = net.add('Concat', [x, made], { axis: 1 });
  }
  net.head(net.relu(net.norm(x, 20)), 20);
  return net.model(image(3, 12));
}

/**
 * One encoder layer over token ids as an exporter writes it: shapes by Shape, Gather, Concat; positions sliced from a table; a mask of
 * whole numbers; attention in heads; GELU by Erf.
 */
function transformer(): Model {
  const net = new Net(27);
  const [width, heads, hidden, words, longest] = [32, 4, 64, 50, 24];
  const linear = (x: string, from: number, to: number): string =>
    net.add('Add', [net.add('MatMul', [x, net.weight([from, to], from)]), net.constant(floats([to], random(to), 0.1))]);
  const norm = (x: string): string =>
    net.add('LayerNormalization', [x, net.constant(floats([width], random(5))), net.constant(floats([width], random(6), 0.1))]);
  const size = (axis: number): string => net.add('Gather', [net.add('Shape', ['ids']), net.constant({ ...ints(axis), dims: [] })]);
  const one = (x: string): string => net.add('Unsqueeze', [x, net.ints(0)]);
  const position = net.add('Slice', [net.weight([1, longest, width], 16), net.ints(0), one(size(1)), net.ints(1)]);
  const x = norm(net.add('Add', [net.add('Gather', [net.weight([words, width], 1), 'ids']), position]));
  const real = net.add('Cast', [net.add('Unsqueeze', ['mask', net.ints(1, 2)])], { to: 1 });
  const mask = net.add('Mul', [net.add('Sub', [net.scalar(1), real]), net.scalar(-1e4)]);
  const shape = net.add('Concat', [one(size(0)), one(size(1)), net.ints(heads), net.ints(width / heads)], { axis: 0 });
  const split = (given: string, perm: readonly number[]): string => net.add('Transpose', [net.add('Reshape', [given, shape])], { perm });
  const query = split(linear(x, width, width), [0, 2, 1, 3]);
  const key = split(linear(x, width, width), [0, 2, 3, 1]);
  const values = split(linear(x, width, width), [0, 2, 1, 3]);
  const root = net.add('Sqrt', [net.add('Cast', [net.add('Gather', [shape, net.constant({ ...ints(3), dims: [] })])], { to: 1 })]);
  const scores = net.add('Softmax', [net.add('Add', [net.add('Div', [net.add('MatMul', [query, key]), root]), mask])], { axis: -1 });
  const mixed = net.add('Transpose', [net.add('MatMul', [scores, values])], { perm: [0, 2, 1, 3] });
  const joined = net.add('Reshape', [mixed, net.ints(0, -1, width)]);
  const attended = norm(net.add('Add', [x, linear(joined, width, width)]));
  const inner = linear(attended, width, hidden);
  const erf = net.add('Add', [net.add('Erf', [net.add('Div', [inner, net.scalar(Math.SQRT2)])]), net.scalar(1)]);
  const gelu = net.add('Mul', [net.add('Mul', [inner, erf]), net.scalar(0.5)]);
  const out = norm(net.add('Add', [attended, linear(gelu, hidden, width)]));
  const mean = net.add('ReduceMean', [out], { axes: [1], keepdims: 0 });
  net.nodes.push(node('Gemm', [mean, net.weight([3, width], width)], ['y'], { transB: 1 }));
  const whole = (name: string): ValueInfo => ({ name, dtype: 'int64', dims: ['N', 'S'] });
  return net.model([whole('ids'), whole('mask')]);
}

export const networks: Readonly<Record<string, () => Model>> = {
  alexnet,
  densenet,
  inception,
  mobilenet,
  shufflenet,
  squeezenet,
  transformer,
};

/** The share of the weights that stay, the largest. */
function pruned(data: Float32Array, density: number): Float32Array {
  const order = Float32Array.from(data, Math.abs).sort();
  const least = order[Math.floor(order.length * (1 - density))] ?? 0;
  return data.map((x) => (Math.abs(x) >= least ? x : 0));
}

const storedForms = {
  dense: (tensor) => ({ kind: 'dense', tensor }),
  sparse: ({ dims, data }) => {
    const kept = pruned(data as Float32Array, 0.2);
    const positions = Uint32Array.from([...kept.keys()].filter((i) => kept[i] !== 0));
    return { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (i) => kept[i]!) };
  },
  shared: (tensor) => share(tensor, 0.3, 15, 4),
  uniform: ({ dims, data }) => ({
    kind: 'uniform',
    dtype: 'float32',
    dims,
    view: naturalView(dims, false),
    levels: Int32Array.from(data as Float32Array, (x) => Math.round(x * 16)),
    grid: 'scalar',
    step: -64,
    rowSteps: null,
    columnSteps: null,
  }),
} satisfies Readonly<Record<string, (tensor: Tensor) => StoredTensor>>;

export type StoredForm = keyof typeof storedForms;
export const forms = Object.keys(storedForms) as readonly StoredForm[];

/** All weights of two axes or more in this form. */
export function storedAs(form: StoredForm, { graph }: Model): Map<string, StoredTensor> {
  const weights = [...graph.initializers].filter(([, { dtype, dims }]) => dtype === 'float32' && dims.length > 1 && sizeOf(dims) > 8);
  return new Map(weights.map(([name, tensor]) => [name, storedForms[form](tensor)]));
}
