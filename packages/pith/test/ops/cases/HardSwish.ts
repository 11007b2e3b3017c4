import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'all three parts', opset: 14, inputs: [{ dims: [5, 5], range: [-5, 5] }] },
  { title: 'a scalar', opset: 21, inputs: [{ dims: [] }] },
];
