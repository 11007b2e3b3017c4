import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'equal shapes', inputs: [{ dims: [2, 3] }, { dims: [2, 3] }] },
  { title: 'a row and a column', inputs: [{ dims: [2, 1] }, { dims: [1, 3] }] },
  { title: 'a scalar and a missing leading axis', inputs: [{ dims: [] }, { dims: [2, 2] }] },
  {
    title: 'integers',
    inputs: [
      { dims: [3], dtype: 'int64' },
      { dims: [3], dtype: 'int64' },
    ],
  },
];
