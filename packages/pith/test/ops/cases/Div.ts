import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'equal shapes',
    inputs: [
      { dims: [2, 3], range: [0.5, 2] },
      { dims: [2, 3], range: [0.5, 2] },
    ],
  },
  {
    title: 'a row and a column',
    opset: 13,
    inputs: [
      { dims: [2, 1], range: [0.5, 2] },
      { dims: [1, 3], range: [0.5, 2] },
    ],
  },
  {
    title: 'a scalar and a missing leading axis',
    opset: 21,
    inputs: [
      { dims: [], range: [0.5, 2] },
      { dims: [2, 2], range: [0.5, 2] },
    ],
  },
  { title: 'negative divisors', inputs: [{ dims: [3, 4] }, { dims: [4], range: [-3, -0.5] }] },
  {
    title: 'integers are cut towards zero',
    inputs: [
      { dims: [5], dtype: 'int64', values: [7, -7, 8, -8, 0] },
      { dims: [5], dtype: 'int64', values: [2, 2, -3, -3, 5] },
    ],
  },
  {
    title: 'short integers',
    inputs: [
      { dims: [5], dtype: 'int32', values: [7, -7, 8, -8, 0] },
      { dims: [5], dtype: 'int32', values: [2, 2, -3, -3, 5] },
    ],
  },
];
