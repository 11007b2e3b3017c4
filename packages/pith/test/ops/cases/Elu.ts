import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'default alpha', inputs: [{ dims: [4, 5] }] },
  { title: 'alpha 0.25', opset: 13, inputs: [{ dims: [3, 3] }], attributes: { alpha: { float: 0.25 } } },
  { title: 'alpha 1.5', opset: 21, inputs: [{ dims: [3, 3] }], attributes: { alpha: { float: 1.5 } } },
  { title: 'alpha -0.5', opset: 18, inputs: [{ dims: [3, 3] }], attributes: { alpha: { float: -0.5 } } },
];
