import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'without ratio', inputs: [{ dims: [3, 4] }] },
  { title: 'with ratio and mask', opset: 13, inputs: [{ dims: [3, 4] }, { dims: [], values: [0.5], constant: true }], outputs: 2 },
  {
    title: 'training mode false',
    opset: 21,
    inputs: [{ dims: [3, 4] }, { dims: [], values: [0.5], constant: true }, { dims: [], dtype: 'bool', values: [0], constant: true }],
    outputs: 2,
  },
  {
    title: 'ratio 0 in training mode',
    inputs: [{ dims: [3, 4] }, { dims: [], values: [0], constant: true }, { dims: [], dtype: 'bool', values: [1], constant: true }],
    outputs: 2,
  },
];
