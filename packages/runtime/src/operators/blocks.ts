/** Blocks of pixels that become channels, and back: DepthToSpace and SpaceToDepth. */
import { copying } from './copy.js';
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator } from './operator.js';
import { countOf, type Inputs, type Value } from './value.js';
import { stridesOf } from './walk.js';

/** y in its own order as x read with these strides, under another shape. */
function moved(x: Value, dims: readonly number[], axes: readonly (readonly [size: number, stride: number])[]): KernelWork {
  const sizes = axes.map(([size]) => size);
  const { kernel, table, run } = copying({ dims: sizes, strides: [axes.map(([, stride]) => stride), stridesOf(sizes)] });
  return {
    kind: 'kernel',
    outputs: [{ dtype: x.dtype, dims }],
    kernel,
    tables: [table],
    run: (c) => run(c.kernels, c.tables[0]!, c.x[0]!, c.y[0]!),
  };
}

function imageOf(node: NodeView, inputs: Inputs): { readonly x: Value; readonly sizes: readonly [number, number, number, number] } {
  const x = node.value(inputs, 0);
  if (x.dims.length !== 4) node.wrong('an image of four axes', `[${x.dims}]`);
  return { x, sizes: x.dims as readonly [number, number, number, number] };
}

const blockOf = (node: NodeView): number => {
  const size = node.int('blocksize', 0);
  return size >= 1 && size < 2 ** 15 ? size : node.wrong('blocksize from 1', String(size));
};

export const DepthToSpace: Operator = {
  name: 'DepthToSpace',
  prepare: (node) => {
    const b = blockOf(node);
    const mode = node.string('mode', 'DCR');
    if (mode !== 'DCR' && mode !== 'CRD') node.wrong('mode DCR or CRD', mode);
    return (inputs) => {
      const { x, sizes } = imageOf(node, inputs);
      const [batch, depth, height, width] = sizes;
      const channels = depth / (b * b);
      if (!Number.isInteger(channels)) node.wrong(`a multiple of ${b * b} channels`, String(depth));
      const plane = height * width;
      const [block, channel] = mode === 'DCR' ? [channels * plane, plane] : [plane, b * b * plane];
      return moved(
        x,
        [batch, channels, height * b, width * b],
        [
          [batch, depth * plane],
          [channels, channel],
          [height, width],
          [b, b * block],
          [width, 1],
          [b, block],
        ],
      );
    };
  },
};

export const SpaceToDepth: Operator = {
  name: 'SpaceToDepth',
  prepare: (node) => {
    const b = blockOf(node);
    return (inputs) => {
      const { x, sizes } = imageOf(node, inputs);
      const [batch, channels, height, width] = sizes;
      if (height % b !== 0 || width % b !== 0) node.wrong(`sizes that are multiples of ${b}`, `[${height}, ${width}]`);
      const plane = countOf([height, width]);
      return moved(
        x,
        [batch, channels * b * b, height / b, width / b],
        [
          [batch, channels * plane],
          [b, width],
          [b, 1],
          [channels, plane],
          [height / b, b * width],
          [width / b, b],
        ],
      );
    };
  },
};
