import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a product without bias', inputs: [{ dims: [2, 3] }, { dims: [3, 4] }] },
  {
    title: 'a layer: second operand transposed, bias a vector',
    inputs: [{ dims: [2, 3] }, { dims: [4, 3] }, { dims: [4] }],
    attributes: { transB: 1 },
  },
  {
    title: 'first operand transposed, bias a column',
    inputs: [{ dims: [3, 2] }, { dims: [3, 4] }, { dims: [2, 1] }],
    attributes: { transA: 1 },
  },
  {
    title: 'both transposed, scaled, bias a matrix',
    inputs: [{ dims: [3, 2] }, { dims: [4, 3] }, { dims: [2, 4] }],
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: -1.5 } },
  },
  {
    title: 'scaled, bias a scalar',
    opset: 13,
    inputs: [{ dims: [2, 3] }, { dims: [3, 2] }, { dims: [] }],
    attributes: { alpha: { float: 2 }, beta: { float: 0.25 } },
  },
  { title: 'bias a row', opset: 23, inputs: [{ dims: [3, 2] }, { dims: [2, 3] }, { dims: [1, 3] }] },
  { title: 'one row', inputs: [{ dims: [1, 5] }, { dims: [5, 1] }, { dims: [1] }] },
];
