import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'equal shapes', inputs: [{ dims: [3, 4], dtype: 'bool' }, { dims: [3, 4] }, { dims: [3, 4] }] },
  { title: 'all three broadcast', opset: 13, inputs: [{ dims: [2, 1], dtype: 'bool', values: [0, 1] }, { dims: [1, 3] }, { dims: [] }] },
  {
    title: 'only the second value is learned',
    opset: 21,
    inputs: [{ dims: [4], dtype: 'bool' }, { dims: [4] }, { dims: [4] }],
    gradient: [2],
  },
  {
    title: 'integers',
    inputs: [
      { dims: [4], dtype: 'bool', values: [1, 0, 0, 1] },
      { dims: [4], dtype: 'int64' },
      { dims: [1], dtype: 'int64', values: [7] },
    ],
  },
];
