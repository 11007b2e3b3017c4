import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'AlexNet: five channels',
    inputs: [{ dims: [2, 7, 2, 2] }],
    attributes: { size: 5, alpha: { float: 0.5 }, beta: { float: 0.75 }, bias: { float: 2 } },
  },
  { title: 'defaults', opset: 13, inputs: [{ dims: [1, 4, 2, 3] }], attributes: { size: 3 } },
  {
    title: 'an even number of channels',
    noRuntime: 'it wants an odd size',
    inputs: [{ dims: [1, 5, 2, 2] }],
    attributes: { size: 4, alpha: { float: 1 } },
  },
  { title: 'more neighbours than channels', inputs: [{ dims: [1, 3, 2, 2] }], attributes: { size: 9, alpha: { float: 1 } } },
];
