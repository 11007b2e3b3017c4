import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'after the batch', inputs: [{ dims: [2, 3, 2] }] },
  { title: 'everything in one row', inputs: [{ dims: [2, 3, 2] }], attributes: { axis: 0 } },
  { title: 'a negative axis', inputs: [{ dims: [2, 3, 2] }], attributes: { axis: -1 } },
  { title: 'everything in one column, opset 13', opset: 13, inputs: [{ dims: [2, 3] }], attributes: { axis: 2 } },
];
