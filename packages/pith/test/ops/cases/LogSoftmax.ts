import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'last axis', inputs: [{ dims: [3, 5] }] },
  { title: 'axis 0 of three', opset: 13, inputs: [{ dims: [2, 3, 4] }], attributes: { axis: 0 } },
  { title: 'axis 1 of three', opset: 18, inputs: [{ dims: [2, 3, 4] }], attributes: { axis: 1 } },
  { title: 'axis -2 of three', opset: 21, inputs: [{ dims: [2, 3, 4] }], attributes: { axis: -2 } },
  { title: 'axis 2 of three', opset: 18, inputs: [{ dims: [2, 3, 4] }], attributes: { axis: 2 } },
  { title: 'large logits', inputs: [{ dims: [2, 3], values: [1000, 1001, 999, -1000, -1000, -999] }] },
  { title: 'one class', inputs: [{ dims: [3, 1] }] },
  { title: 'no lines', inputs: [{ dims: [0, 3] }], gradient: [] },
];
