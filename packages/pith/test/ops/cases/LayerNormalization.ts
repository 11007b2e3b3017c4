import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'last axis', opset: 17, inputs: [{ dims: [2, 3, 4] }, { dims: [4] }, { dims: [4] }] },
  { title: 'no bias, all outputs', inputs: [{ dims: [3, 5] }, { dims: [5] }], outputs: 3 },
  {
    title: 'two axes',
    opset: 23,
    inputs: [{ dims: [2, 3, 4] }, { dims: [3, 4] }, { dims: [3, 4] }],
    attributes: { axis: 1, epsilon: { float: 0.01 } },
  },
];
