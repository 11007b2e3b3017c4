import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'equal shapes', inputs: [{ dims: [2, 3] }, { dims: [2, 3] }] },
  { title: 'a row and a column', opset: 13, inputs: [{ dims: [2, 1] }, { dims: [1, 3] }] },
  { title: 'a scalar and a missing leading axis', opset: 21, inputs: [{ dims: [] }, { dims: [2, 2] }] },
  {
    title: 'integers',
    inputs: [
      { dims: [5], dtype: 'int64', values: [3, 4, -5, 0, 9] },
      { dims: [5], dtype: 'int64', values: [1, 7, -5, 2, -9] },
    ],
  },
  { title: 'no elements', inputs: [{ dims: [0, 3] }, { dims: [3] }], gradient: [] },
];
