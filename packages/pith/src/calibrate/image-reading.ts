/** Convolutions as products of their weight with patches. */
import { sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { convForm } from '../ops/conv/form.js';
import { NodeView } from '../ops/op.js';
import { taps, type WindowAxis } from '../ops/window.js';
import type { WeightLayer } from './layer.js';
import type { ProductReading, Read } from './reading.js';

export function convolution(read: Read): ProductReading {
  const { layer, node } = read;
  return {
    kind: 'product',
    input: node.inputs[0]!,
    result: node.outputs[0]!,
    biased: true,
    columns: (op, x, samples) => patches(op, x, samples, { groups: layer.groups, axes: windowsOver(read, x) }),
    rows: (op, y, samples) => channelsFirst(op, y, samples, layer.groups),
    order: channelsInnermost(layer),
  };
}

/** Each input pixel times the weight [channels][outputs · kernel] is spread over the output: rows are what the windows meet there. */
export function transposedConvolution(read: Read): ProductReading {
  const { node } = read;
  return {
    kind: 'product',
    input: node.inputs[0]!,
    result: node.outputs[0]!,
    biased: false,
    columns: (op, x, samples) => turned(op, channelsFirst(op, x, samples, 1)),
    rows(op, y, samples) {
      const axes = windowsOver(read, y);
      const [outputs, kernel] = [y.dims[1]!, sizeOf(axes.map((a) => a.kernel))];
      const met = patches(op, y, samples, { groups: 1, axes });
      const places = met.dims[2]!;
      // From kernel × outputs innermost to outputs × kernel first.
      const apart = op.Transpose(op.Reshape(met, [samples, places, kernel, outputs]), [0, 3, 2, 1]);
      return op.Reshape(apart, [samples, 1, outputs * kernel, places]);
    },
    order: null,
  };
}

/** How the windows of a node move over an image: its input, or for a transposed convolution its output. */
function windowsOver({ node, weight }: Read, image: Value): readonly WindowAxis[] {
  const bare = { ...node, inputs: node.inputs.slice(0, 2) };
  const group = node.op === 'ConvTranspose' ? image.dims[1]! / weight.dims[1]! : undefined;
  const attributes = group === undefined ? node.attributes : new Map(node.attributes).set('group', { kind: 'int', value: group });
  return convForm(new NodeView({ ...bare, attributes }, 17, [image, { dtype: weight.dtype, dims: weight.dims }])).axes;
}

/** [samples, groups, rows, places] of [n, groups·rows, places…], n a multiple of samples. */
function channelsFirst(op: Builder, x: Value, samples: number, groups: number): Value {
  const [n, channels] = x.dims as [number, number];
  const [rows, places, each] = [channels / groups, sizeOf(x.dims.slice(2)), n / samples];
  if (each === 1) return op.Reshape(x, [samples, groups, rows, places]);
  const apart = op.Transpose(op.Reshape(x, [samples, each, groups, rows, places]), [0, 2, 3, 1, 4]);
  return op.Reshape(apart, [samples, groups, rows, each * places]);
}

const turned = (op: Builder, x: Value): Value => op.Transpose(x, [0, 1, 3, 2]);

interface Windows {
  readonly groups: number;
  readonly axes: readonly WindowAxis[];
}

/** [samples, groups, places, kernel·channels per group] of an image [n, channels, size…]: what each window meets, padding as zeros. */
function patches(op: Builder, x: Value, samples: number, { groups, axes }: Windows): Value {
  const [n, channels] = x.dims as [number, number];
  const pixels = sizeOf(x.dims.slice(2));
  const kernel = sizeOf(axes.map((a) => a.kernel));
  const places = (sizeOf(axes.map((a) => a.positions)) * n) / samples;
  // Channels innermost: what each element of a window meets is then a run of numbers.
  const rows = op.Transpose(op.Reshape(x, [n, channels, pixels]), [0, 2, 1]);
  const met = gathered(op, rows, tapsOf(axes, pixels));
  if (groups === 1) return op.Reshape(met, [samples, 1, places, kernel * channels]);
  const apart = op.Transpose(op.Reshape(met, [samples, places, kernel, groups, channels / groups]), [0, 3, 1, 2, 4]);
  return op.Reshape(apart, [samples, groups, places, (kernel * channels) / groups]);
}

/** The pixel that each element of each window meets; `pixels` where it meets padding. */
function tapsOf(axes: readonly WindowAxis[], pixels: number): Int32Array {
  const windows = taps(axes);
  const kernel = windows[0]?.length ?? 0;
  const index = new Int32Array(windows.length * kernel);
  windows.forEach((window, place) => {
    for (let k = 0; k < kernel; k++) index[place * kernel + k] = window[k]! < 0 ? pixels : window[k]!;
  });
  return index;
}

/** Rows [n, pixels, channels] by number, a row of zeros behind the last. */
function gathered(op: Builder, rows: Value, index: Int32Array): Value {
  const [n, pixels, channels] = rows.dims as [number, number, number];
  if (index.length === pixels && index.every((pixel, i) => pixel === i)) return rows;
  const zeros = { dtype: 'float32', dims: [n, 1, channels], data: new Float32Array(n * channels) } as const;
  const padded = index.includes(pixels) ? op.Concat([rows, op.constant(zeros, 'padding')], 1) : rows;
  return op.Gather(padded, op.constant({ dtype: 'int32', dims: [index.length], data: index }, 'taps'), 1);
}

/** Patches have the channels innermost, the view of the layer the positions. */
function channelsInnermost({ columns, positions }: WeightLayer): Int32Array | null {
  if (columns === 1 || positions === 1) return null;
  return Int32Array.from({ length: columns * positions }, (_, i) => (i % columns) * positions + Math.floor(i / columns));
}
