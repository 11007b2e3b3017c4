import type { Case } from '../case.js';
import { index } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'written', inputs: [{ dims: [3, 3] }, index([2, 3], 1, 0, 2, 0, 2, 1), { dims: [2, 3] }] },
  {
    title: 'written along the last axis, opset 13',
    opset: 13,
    inputs: [{ dims: [1, 5] }, index([1, 2], 1, -2), { dims: [1, 2] }],
    attributes: { axis: 1 },
  },
  { title: 'added, with repeats', inputs: [{ dims: [4] }, index([5], 0, 1, 1, -1, 1), { dims: [5] }], attributes: { reduction: 'add' } },
  {
    title: 'added along the last axis, opset 16',
    opset: 16,
    inputs: [{ dims: [2, 3] }, index([2, 2], 0, 0, 2, 1), { dims: [2, 2] }],
    attributes: { axis: -1, reduction: 'add' },
  },
  { title: 'multiplied', inputs: [{ dims: [3] }, index([3], 0, 0, 2), { dims: [3] }], attributes: { reduction: 'mul' }, gradient: [] },
  { title: 'the larger', inputs: [{ dims: [3] }, index([3], 0, 0, 2), { dims: [3] }], attributes: { reduction: 'max' }, gradient: [] },
];
