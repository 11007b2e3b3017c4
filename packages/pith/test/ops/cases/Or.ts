import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'all four',
    inputs: [
      { dims: [4], dtype: 'bool', values: [0, 0, 1, 1] },
      { dims: [4], dtype: 'bool', values: [0, 1, 0, 1] },
    ],
  },
  {
    title: 'a row and a column',
    opset: 13,
    inputs: [
      { dims: [2, 1], dtype: 'bool', values: [0, 1] },
      { dims: [1, 2], dtype: 'bool', values: [0, 1] },
    ],
  },
];
