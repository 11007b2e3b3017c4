import type { Case } from '../case.js';
import { index } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'kept weights at their positions', inputs: [{ dims: [6], values: [0] }, index([3, 1], 1, 4, 5), { dims: [3] }] },
  { title: 'rows, opset 13', opset: 13, inputs: [{ dims: [4, 2] }, index([2, 1], -1, 1), { dims: [2, 2] }] },
  { title: 'elements of a matrix', inputs: [{ dims: [2, 3] }, index([2, 2], 0, 1, 1, 2), { dims: [2] }] },
  { title: 'added, with repeats', inputs: [{ dims: [3, 2] }, index([3, 1], 2, 0, 2), { dims: [3, 2] }], attributes: { reduction: 'add' } },
  { title: 'multiplied', inputs: [{ dims: [3] }, index([2, 1], 2, 0), { dims: [2] }], attributes: { reduction: 'mul' }, gradient: [] },
];
