import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'ties and NaN',
    inputs: [
      { dims: [5], values: [1, 2, 3, NaN, 1] },
      { dims: [5], values: [2, 2, 2, NaN, NaN] },
    ],
  },
  {
    title: 'a row and a column',
    opset: 13,
    inputs: [
      { dims: [3, 1], values: [0, 1, 2] },
      { dims: [1, 3], values: [0, 1, 2] },
    ],
  },
  {
    title: 'integers',
    inputs: [
      { dims: [5], dtype: 'int64', values: [3, 4, -5, 0, 9] },
      { dims: [5], dtype: 'int64', values: [3, 7, -6, 0, -9] },
    ],
  },
  { title: 'a scalar', opset: 21, inputs: [{ dims: [2, 3] }, { dims: [], values: [0.5] }] },
];
