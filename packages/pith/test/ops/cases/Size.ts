import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'of a matrix', inputs: [{ dims: [2, 3] }] },
  { title: 'of a scalar, opset 13', opset: 13, inputs: [{ dims: [] }] },
];
