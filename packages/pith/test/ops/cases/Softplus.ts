import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a matrix', inputs: [{ dims: [3, 5], range: [-6, 6] }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [], range: [-6, 6] }] },
  { title: 'no elements', opset: 21, inputs: [{ dims: [2, 0, 3], range: [-6, 6] }], gradient: [] },
  { title: 'far out', inputs: [{ dims: [2], values: [-80, 80] }] },
];
