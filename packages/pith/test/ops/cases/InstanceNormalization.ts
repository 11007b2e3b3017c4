import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'two spatial axes', inputs: [{ dims: [2, 3, 2, 3] }, { dims: [3] }, { dims: [3] }] },
  {
    title: 'one spatial axis, epsilon',
    opset: 13,
    inputs: [{ dims: [2, 2, 6] }, { dims: [2] }, { dims: [2] }],
    attributes: { epsilon: { float: 0.1 } },
  },
];
