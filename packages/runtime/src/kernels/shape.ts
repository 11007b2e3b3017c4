/** Operators that change the shape and leave the elements in their order: no copy is made. */
import { type Floats, given, type Kernel, type KernelView } from './kernel.js';

const reshaped = (name: string, of: (node: KernelView) => (dims: readonly number[]) => readonly number[]): Kernel => ({
  name,
  prepare: (node) => {
    const change = of(node);
    return (inputs): Floats => {
      const x = given(inputs, 0);
      const dims = change(x.dims);
      if (dims.reduce((product, d) => product * d, 1) !== x.data.length) node.wrong(`a shape of ${x.data.length} elements`, `[${dims}]`);
      return { dims, data: x.data };
    };
  },
});

export const Identity = reshaped('Identity', () => (dims) => dims);

/** In inference it passes on what it gets. */
export const Dropout = reshaped('Dropout', (node) => {
  if (node.asks(1)) node.unsupported('one output', 'the mask as well');
  const training = node.has(2) ? node.constantInts(2)?.[0] : 0;
  if (training) node.unsupported('inference', 'training_mode');
  node.stored(1);
  return (dims) => dims;
});

export const Flatten = reshaped('Flatten', (node) => {
  const given = node.int('axis', 1);
  return (dims) => {
    const axis = given === dims.length ? given : node.axis(given, dims.length);
    const product = (list: readonly number[]): number => list.reduce((p, d) => p * d, 1);
    return [product(dims.slice(0, axis)), product(dims.slice(axis))];
  };
});

/** 0 keeps a dimension, −1 takes what is left. */
export const Reshape = reshaped('Reshape', (node) => {
  const shape = node.constantInts(1) ?? node.wrong('a shape', 'none');
  const keepZero = node.int('allowzero', 0) === 1;
  return (dims) => {
    const known = shape.map((d, i) => (d === 0 && !keepZero ? (dims[i] ?? node.wrong('a dimension to keep', `[${dims}]`)) : d));
    const size = dims.reduce((product, d) => product * d, 1);
    const rest = known.reduce((product, d) => (d === -1 ? product : product * d), 1);
    return known.map((d) => (d === -1 ? size / Math.max(1, rest) : d));
  };
});

/** Axes are an input from opset 13 on. */
const axesOf = (node: KernelView): readonly number[] | undefined => (node.opset >= 13 ? node.constantInts(1) : node.ints('axes'));

export const Squeeze = reshaped('Squeeze', (node) => {
  const axes = axesOf(node);
  return (dims) => {
    const drop = new Set(axes?.map((axis) => node.axis(axis, dims.length)) ?? dims.flatMap((d, i) => (d === 1 ? [i] : [])));
    return dims.filter((_, i) => !drop.has(i));
  };
});

export const Unsqueeze = reshaped('Unsqueeze', (node) => {
  const axes = axesOf(node) ?? node.wrong('axes', 'none');
  return (dims) => {
    const rank = dims.length + axes.length;
    const added = new Set(axes.map((axis) => node.axis(axis, rank)));
    const rest = dims.values();
    return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.next().value ?? node.wrong('axes once each', `[${axes}]`))));
  };
});
