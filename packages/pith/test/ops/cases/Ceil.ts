import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a matrix', inputs: [{ dims: [3, 5], range: [-3, 3] }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [], range: [-3, 3] }] },
  { title: 'no elements', opset: 21, inputs: [{ dims: [2, 0, 3], range: [-3, 3] }], gradient: [] },
  { title: 'halves go up, infinities stay', inputs: [{ dims: [9], values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1e10, -Infinity, NaN] }] },
];
