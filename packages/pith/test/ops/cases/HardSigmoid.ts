import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'default alpha and beta', inputs: [{ dims: [5, 5], range: [-4, 4] }] },
  {
    title: 'both given',
    opset: 21,
    inputs: [{ dims: [4, 5], range: [-4, 4] }],
    attributes: { alpha: { float: 0.5 }, beta: { float: 0.25 } },
  },
  { title: 'falling', opset: 13, inputs: [{ dims: [4, 5], range: [-4, 4] }], attributes: { alpha: { float: -0.5 } } },
];
