import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'all of it, opset 13', opset: 13, inputs: [{ dims: [2, 3] }] },
  { title: 'a range', inputs: [{ dims: [2, 3, 4] }], attributes: { start: 1, end: -1 } },
  { title: 'bounds outside', opset: 21, inputs: [{ dims: [2, 3] }], attributes: { start: -5, end: 9 } },
  { title: 'of a scalar', inputs: [{ dims: [] }] },
];
