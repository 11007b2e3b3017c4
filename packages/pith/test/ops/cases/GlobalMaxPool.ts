import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'two spatial axes', inputs: [{ dims: [2, 3, 4, 3] }] },
  { title: 'one spatial axis, opset 13', opset: 13, inputs: [{ dims: [2, 3, 5] }] },
  { title: 'three spatial axes, opset 22', opset: 22, inputs: [{ dims: [1, 2, 2, 3, 2] }] },
  { title: 'a single element', inputs: [{ dims: [2, 2, 1, 1] }] },
];
