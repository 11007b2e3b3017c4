/**
 * How a node applies a weight. Of a product: the two factors whose product, summed over places, is the gradient of the weight. A place is a position of
 * a convolution or a row of a matrix product; a weight's gradient for one sample is Σ over places of (row factor) · (column factor)ᵀ.
 * One function per kind of node; they add standard nodes to a graph and look at no numbers.
 */
import { PithError } from '../base/errors.js';
import { type NodeData, sizeOf, type Tensor } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { TensorType, Value } from '../graph/value.js';
import { convForm } from '../ops/conv/form.js';
import { NodeView } from '../ops/op.js';
import { taps, type WindowAxis } from '../ops/window.js';
import type { WeightLayer } from './layer.js';

export interface ProductReading {
  readonly kind: 'product';
  /** The value that the weight is applied to, and what comes of it. */
  readonly input: string;
  readonly result: string;
  /** Which of the two the columns are made of; the rows are made of the other. Where it is the input, a bias is one more column of ones. */
  readonly columnsFrom: 'input' | 'result';
  /** [samples, groups, places, width] of that value, whose first axis counts samples, or things within a sample within samples. */
  columns(op: Builder, value: Value, samples: number): Value;
  /** [samples, groups, rows per group, places] of the other. */
  rows(op: Builder, value: Value, samples: number): Value;
  /** The column of the layer's view that stands at each place of `columns`; null where they are the same. */
  readonly order: Int32Array | null;
}

/** Columns are made of the input, and how the result comes of them is not told: recurrent weights, fused attention. */
export interface InputReading extends Pick<ProductReading, 'input' | 'columns' | 'order'> {
  readonly kind: 'input';
}

/** Slices named by numbers: an input of ones at those places, of zeros elsewhere. */
export interface LookupReading {
  readonly kind: 'lookup';
  /** The value that holds the numbers. */
  readonly index: string;
  readonly result: string;
}

export type Reading = ProductReading | InputReading | LookupReading;

/** Throws `unsupported.layer` for a node that pith cannot see as a product with the weight. */
export function readingOf(layer: WeightLayer, node: NodeData, weight: TensorType): Reading {
  const at = node.inputs.indexOf(layer.weight);
  if (node.op === 'Conv' && at === 1) return convolution(layer, node, weight);
  if (node.op === 'ConvTranspose' && at === 1) return transposedConvolution(layer, node, weight);
  if (node.op === 'Gemm' && (at === 0 || at === 1)) return gemm(node, at);
  if (node.op === 'MatMul' && (at === 0 || at === 1)) return product(node, at);
  if (node.op === 'Gather' && at === 0 && Number(node.attributes.get('axis')?.value ?? 0) === 0)
    return { kind: 'lookup', index: node.inputs[1]!, result: node.outputs[0]! };
  if (at === 1 && ['Attention', 'GRU', 'LSTM', 'RNN'].includes(node.op))
    return { kind: 'input', input: node.inputs[0]!, columns: repeated(layer), order: null };
  throw new PithError('unsupported.layer', {
    at: { node: node.name, op: node.op, tensor: layer.weight },
    expected: 'a convolution, a product with the weight, or a lookup in it',
    got: `input ${at} of ${node.op}`,
  });
}

/** [samples, groups, rows, places] of [n, groups·rows, places…], n a multiple of samples. */
function channelsFirst(op: Builder, x: Value, samples: number, groups: number): Value {
  const [n, channels] = x.dims as [number, number];
  const [rows, places, each] = [channels / groups, sizeOf(x.dims.slice(2)), n / samples];
  if (each === 1) return op.Reshape(x, [samples, groups, rows, places]);
  const apart = op.Transpose(op.Reshape(x, [samples, each, groups, rows, places]), [0, 2, 3, 1, 4]);
  return op.Reshape(apart, [samples, groups, rows, each * places]);
}

/** [samples, groups, places, kernel·channels per group] of an image [n, channels, size…]: what each window meets, padding as zeros. */
function patches(op: Builder, x: Value, samples: number, { groups, axes }: { groups: number; axes: readonly WindowAxis[] }): Value {
  const [n, channels] = x.dims as [number, number];
  const pixels = sizeOf(x.dims.slice(2));
  const kernel = sizeOf(axes.map((a) => a.kernel));
  const places = sizeOf(axes.map((a) => a.positions));
  const each = n / samples;
  // Channels innermost: each element of a window is then a run of numbers.
  const rows = op.Transpose(op.Reshape(x, [n, channels, pixels]), [0, 2, 1]);
  const index = Int32Array.from(taps(axes).flatMap((window) => [...window.map((i) => (i < 0 ? pixels : i))]));
  const padded = index.includes(pixels) ? op.Concat([rows, zeroRow(op, n, channels)], 1) : rows;
  const still = index.length === pixels && index.every((i, at) => i === at);
  const met = still ? rows : op.Gather(padded, op.constant({ dtype: 'int32', dims: [index.length], data: index }, 'taps'), 1);
  const width = (kernel * channels) / groups;
  if (groups === 1) return op.Reshape(met, [samples, 1, each * places, width]);
  const apart = op.Transpose(op.Reshape(met, [samples, each * places, kernel, groups, channels / groups]), [0, 3, 1, 2, 4]);
  return op.Reshape(apart, [samples, groups, each * places, width]);
}

const zeroRow = (op: Builder, n: number, channels: number): Value =>
  op.constant({ dtype: 'float32', dims: [n, 1, channels], data: new Float32Array(n * channels) }, 'padding');

/** Patches have the channels innermost, the view of the layer the positions. */
function channelsInnermost({ columns, positions }: WeightLayer): Int32Array | null {
  if (columns === 1 || positions === 1) return null;
  return Int32Array.from({ length: columns * positions }, (_, i) => (i % columns) * positions + Math.floor(i / columns));
}

function convolution(layer: WeightLayer, node: NodeData, weight: TensorType): ProductReading {
  const form = (x: Value) => convForm(new NodeView({ ...node, inputs: node.inputs.slice(0, 2) }, 17, [x, weight]));
  return {
    kind: 'product',
    input: node.inputs[0]!,
    result: node.outputs[0]!,
    columnsFrom: 'input',
    columns: (op, x, samples) => patches(op, x, samples, { groups: layer.groups, axes: form(x).axes }),
    rows: (op, y, samples) => channelsFirst(op, y, samples, layer.groups),
    order: channelsInnermost(layer),
  };
}

/** The convolution that goes the other way: its windows move over the result, and its rows are the channels of the input. */
function transposedConvolution(layer: WeightLayer, node: NodeData, weight: TensorType): ProductReading {
  const backwards = { ...node, inputs: node.inputs.slice(0, 2) };
  return {
    kind: 'product',
    input: node.inputs[0]!,
    result: node.outputs[0]!,
    columnsFrom: 'result',
    columns: (op, y, samples) =>
      patches(op, y, samples, { groups: layer.groups, axes: convForm(new NodeView(backwards, 17, [y, weight])).axes }),
    rows: (op, x, samples) => channelsFirst(op, x, samples, layer.groups),
    order: channelsInnermost(layer),
  };
}

/** [samples, 1, places, width] of a stack of row vectors. */
const stack = (op: Builder, x: Value, samples: number): Value => {
  const width = x.dims.at(-1)!;
  return op.Reshape(x, [samples, 1, sizeOf(x.dims) / width / samples, width]);
};

/** Rows of the input as they are, the same for each group (the directions of a recurrent layer). */
const repeated =
  ({ groups }: WeightLayer) =>
  (op: Builder, x: Value, samples: number): Value => {
    const rows = stack(op, x, samples);
    return op.Concat(
      Array.from({ length: groups }, () => rows),
      1,
    );
  };

/** The last two axes exchanged. */
export function flip(op: Builder, x: Value): Value {
  const rank = x.dims.length;
  return op.Transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** x·W for weight at 1, W·x at 0. */
function product(node: NodeData, at: 0 | 1): ProductReading {
  const across = (op: Builder, v: Value): Value => (at === 1 ? v : flip(op, v));
  return {
    kind: 'product',
    input: node.inputs[1 - at]!,
    result: node.outputs[0]!,
    columnsFrom: 'input',
    columns: (op, x, samples) => stack(op, x.dims.length > 1 ? across(op, x) : x, samples),
    rows: (op, y, samples) => flip(op, stack(op, y.dims.length > 1 ? across(op, y) : y, samples)),
    order: null,
  };
}

function gemm(node: NodeData, at: 0 | 1): ProductReading {
  const flag = (name: string): boolean => Number(node.attributes.get(name)?.value ?? 0) !== 0;
  const alpha = Number(node.attributes.get('alpha')?.value ?? 1);
  // As a product of the weight on the right with rows of activations on the left.
  const flipped = at === 1 ? flag('transA') : !flag('transB');
  const plain = product({ ...node, op: 'MatMul' }, at);
  return {
    ...plain,
    columns(op, x, samples) {
      const rows = stack(op, flipped ? flip(op, x) : x, samples);
      return alpha === 1 ? rows : op.Mul(rows, op.scalar(alpha));
    },
    rows: (op, y, samples) => flip(op, stack(op, at === 1 ? y : flip(op, y), samples)),
  };
}

/** The weight's own type. */
export const typeOf = ({ dtype, dims }: Tensor): TensorType => ({ dtype, dims });

/** One more column, of ones: what the bias is multiplied with. */
export function withOnes(op: Builder, columns: Value): Value {
  const dims = [...columns.dims.slice(0, -1), 1];
  const ones = op.constant({ dtype: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1) }, 'ones');
  return op.Concat([columns, ones], 3);
}
