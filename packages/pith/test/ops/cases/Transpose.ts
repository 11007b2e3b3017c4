import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a matrix', inputs: [{ dims: [2, 3] }] },
  { title: 'a cycle of axes', inputs: [{ dims: [2, 3, 4] }], attributes: { perm: [1, 2, 0] } },
  { title: 'four axes, opset 13', opset: 13, inputs: [{ dims: [2, 3, 1, 2] }], attributes: { perm: [0, 3, 1, 2] } },
  { title: 'integers', inputs: [{ dims: [2, 3], dtype: 'int64' }] },
];
