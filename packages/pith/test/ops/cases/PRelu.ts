import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a slope for each element', inputs: [{ dims: [2, 3] }, { dims: [2, 3] }] },
  { title: 'a slope for each channel', opset: 13, inputs: [{ dims: [2, 3, 2, 2] }, { dims: [3, 1, 1], range: [0.1, 0.5] }] },
  { title: 'one slope', opset: 21, inputs: [{ dims: [2, 4] }, { dims: [1], range: [0.1, 0.5] }] },
];
