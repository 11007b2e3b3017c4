import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'two inputs', inputs: [{ dims: [3, 4] }, { dims: [3, 4] }] },
  { title: 'three inputs that broadcast', opset: 13, inputs: [{ dims: [2, 1] }, { dims: [1, 3] }, { dims: [], values: [0.31] }] },
  { title: 'one input', inputs: [{ dims: [3] }] },
  { title: 'only the last is learned', opset: 21, inputs: [{ dims: [6] }, { dims: [6] }, { dims: [6] }], gradient: [2] },
  { title: 'only the first is learned', inputs: [{ dims: [6] }, { dims: [6] }, { dims: [6] }], gradient: [0] },
  {
    title: 'integers',
    inputs: [
      { dims: [5], dtype: 'int64', values: [3, 4, -5, 0, 9] },
      { dims: [5], dtype: 'int64', values: [1, 7, -5, 2, -9] },
    ],
  },
  {
    title: 'NaN wins',
    inputs: [
      { dims: [2], values: [NaN, 1] },
      { dims: [2], values: [1, NaN] },
    ],
    gradient: [],
  },
];
