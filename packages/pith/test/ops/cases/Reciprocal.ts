import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a matrix', inputs: [{ dims: [3, 5], range: [0.3, 3] }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [], range: [0.3, 3] }] },
  { title: 'no elements', opset: 21, inputs: [{ dims: [2, 0, 3], range: [0.3, 3] }], gradient: [] },
  { title: 'negative numbers', inputs: [{ dims: [4], range: [-3, -0.3] }] },
];
