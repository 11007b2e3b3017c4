/** Operators that change the shape and leave the elements in their order, and those that tell shapes: nothing is computed in a run. */
import { densify } from '../format/stored.js';
import type { NodeView } from './node-view.js';
import type { Operator, Work } from './operator.js';
import { countOf, type Inputs, type Spec, type Value } from './value.js';

const reshaped = (name: string, of: (node: NodeView) => (x: Value, inputs: Inputs) => readonly number[]): Operator => ({
  name,
  prepare: (node) => {
    const change = of(node);
    return (inputs) => {
      const x = node.value(inputs, 0);
      const dims = change(x, inputs);
      if (countOf(dims) !== countOf(x.dims)) node.wrong(`a shape of ${countOf(x.dims)} elements`, `[${dims}]`);
      return { kind: 'alias', outputs: [{ dtype: x.dtype, dims }], offsets: [0] };
    };
  },
});

export const Identity = reshaped(
  'Identity',
  () =>
    ({ dims }) =>
      dims,
);

/** In inference it passes on what it gets. */
export const Dropout: Operator = {
  ...reshaped('Dropout', (node) => {
    if (node.asks(1)) node.unsupported('one output', 'the mask as well');
    if (node.has(2) && densify(node.weight(2)).data[0]) node.unsupported('inference', 'training_mode');
    return ({ dims }) => dims;
  }),
  takes: [1, 2],
};

export const Flatten = reshaped('Flatten', (node) => {
  const given = node.int('axis', 1);
  return ({ dims }) => {
    const axis = given === dims.length ? given : node.axis(given, dims.length);
    return [countOf(dims.slice(0, axis)), countOf(dims.slice(axis))];
  };
});

/** 0 keeps a dimension, −1 takes what is left. */
export const Reshape = reshaped('Reshape', (node) => {
  const keepZero = node.int('allowzero', 0) === 1;
  return ({ dims }, inputs) => {
    const shape = node.known(inputs, 1) ?? node.wrong('a shape', 'none');
    const sizes = shape.map((d, i) => (d === 0 && !keepZero ? (dims[i] ?? node.wrong('a dimension to keep', `[${dims}]`)) : d));
    const rest = sizes.reduce((product, d) => (d === -1 ? product : product * d), 1);
    const left = rest === 0 ? 0 : countOf(dims) / rest;
    const whole = sizes.map((d) => (d === -1 ? left : d));
    return whole.every((d) => Number.isInteger(d) && d >= 0) ? whole : node.wrong(`a shape of ${countOf(dims)} elements`, `[${shape}]`);
  };
});

/** Axes are an input from opset 13 on. */
export const Squeeze = reshaped('Squeeze', (node) => ({ dims }, inputs) => {
  const axes = node.known(inputs, 1)?.map((axis) => node.axis(axis, dims.length));
  const drop = new Set(axes ?? dims.flatMap((d, i) => (d === 1 ? [i] : [])));
  return dims.filter((_, i) => !drop.has(i));
});

export const Unsqueeze = reshaped('Unsqueeze', (node) => ({ dims }, inputs) => {
  const axes = node.known(inputs, 1) ?? node.wrong('axes', 'none');
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => node.axis(axis, rank)));
  const rest = dims.values();
  return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.next().value ?? node.wrong('axes once each', `[${axes}]`))));
});

const known = (dims: readonly number[], data: readonly number[]): Work => ({
  kind: 'known',
  outputs: [{ dtype: 'int64', dims }],
  data: Int32Array.from(data),
});

export const Shape: Operator = {
  name: 'Shape',
  prepare: (node) => {
    const [start, end] = [node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)];
    return (inputs) => {
      const part = node.value(inputs, 0).dims.slice(start, end);
      return known([part.length], part);
    };
  },
};

export const Size: Operator = {
  name: 'Size',
  prepare: (node) => (inputs) => known([], [countOf(node.value(inputs, 0).dims)]),
};

export const Range: Operator = {
  name: 'Range',
  prepare: (node) => (inputs) => {
    const [start = 0, limit = 0, delta = 0] = [0, 1, 2].map((i) => node.known(inputs, i)?.[0]);
    const { dtype } = node.value(inputs, 0);
    if (delta === 0) node.wrong('a delta other than 0', '0');
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    if (!(length < 2 ** 24)) node.wrong('fewer than 2^24 numbers', String(length));
    const numbers = dtype === 'float32' ? new Float32Array(length) : new Int32Array(length);
    return { kind: 'known', outputs: [{ dtype, dims: [length] }], data: numbers.map((_, i) => start + i * delta) };
  },
};

export const ConstantOfShape: Operator = {
  name: 'ConstantOfShape',
  prepare: (node) => {
    const value = node.tensor('value');
    const dtype = value?.dtype ?? 'float32';
    if (dtype !== 'float32' && dtype !== 'int64' && dtype !== 'int32' && dtype !== 'bool')
      node.unsupported('a value of float32, int64, int32 or bool', dtype);
    const number = Number(value?.data[0] ?? 0);
    return (inputs) => {
      const dims = node.known(inputs, 0) ?? node.wrong('a shape', 'none');
      const count = countOf(dims);
      if (dims.some((d) => d < 0) || count > 2 ** 24) node.wrong('a shape of at most 2^24 elements', `[${dims}]`);
      const outputs: Spec[] = [{ dtype: dtype as Spec['dtype'], dims }];
      return { kind: 'known', outputs, data: (dtype === 'float32' ? new Float32Array(count) : new Int32Array(count)).fill(number) };
    };
  },
};
