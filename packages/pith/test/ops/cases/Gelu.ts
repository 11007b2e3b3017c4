import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'exact', opset: 20, inputs: [{ dims: [4, 5], range: [-4, 4] }] },
  { title: 'with tanh', opset: 20, inputs: [{ dims: [4, 5], range: [-4, 4] }], attributes: { approximate: 'tanh' } },
  { title: 'exact, by name', opset: 21, inputs: [{ dims: [3] }], attributes: { approximate: 'none' } },
];
