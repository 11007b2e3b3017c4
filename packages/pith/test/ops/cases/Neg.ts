import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a matrix', inputs: [{ dims: [3, 5] }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [] }] },
  { title: 'no elements', opset: 21, inputs: [{ dims: [2, 0, 3] }], gradient: [] },
  { title: 'integers', inputs: [{ dims: [4], dtype: 'int64', values: [-3, 0, 7, 1] }] },
];
