import type { Case } from '../case.js';

const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
const indices = (values: readonly number[]) => ({ dims: [1, 1, 2, 2], dtype: 'int64', values }) as const;

export const cases: readonly Case[] = [
  { title: 'spreads each element to its place', inputs: [{ dims: [1, 1, 2, 2] }, indices([5, 2, 8, 15])], attributes },
  {
    title: 'takes an output shape',
    inputs: [{ dims: [1, 1, 2, 2] }, indices([6, 3, 12, 24]), { dims: [4], dtype: 'int64', values: [1, 1, 5, 5], constant: true }],
    attributes,
  },
  {
    title: 'takes off pads',
    opset: 22,
    inputs: [{ dims: [1, 1, 2, 2] }, indices([0, 2, 6, 8])],
    attributes: { ...attributes, pads: [0, 0, 1, 1] },
  },
];
