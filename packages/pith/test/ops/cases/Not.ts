import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'both', inputs: [{ dims: [2, 3], dtype: 'bool' }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [], dtype: 'bool', values: [1] }] },
];
