import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'to doubles', inputs: [{ dims: [2, 3] }], attributes: { to: 11 } },
  { title: 'from doubles', opset: 13, inputs: [{ dims: [2, 3], dtype: 'float64' }], attributes: { to: 1 } },
  { title: 'to itself', opset: 21, inputs: [{ dims: [2, 3] }], attributes: { to: 1 } },
  {
    title: 'to integers, cut towards zero',
    inputs: [{ dims: [5], values: [-1.7, -0.5, 0.5, 1.7, 100.9] }],
    attributes: { to: 7 },
    gradient: [],
  },
  { title: 'to truth values', inputs: [{ dims: [4], values: [0, -0.1, 2, NaN] }], attributes: { to: 9 }, gradient: [] },
  { title: 'integers to reals', inputs: [{ dims: [4], dtype: 'int64' }], attributes: { to: 1 } },
  { title: 'truth values to reals', inputs: [{ dims: [4], dtype: 'bool', values: [0, 1, 1, 0] }], attributes: { to: 1 } },
  { title: 'integers lose their high bits', inputs: [{ dims: [4], dtype: 'int32', values: [300, -1, 128, 127] }], attributes: { to: 2 } },
  { title: 'integers to short signed ones', inputs: [{ dims: [4], dtype: 'int32', values: [300, -1, 128, 127] }], attributes: { to: 3 } },
  { title: 'halves to reals', inputs: [{ dims: [4], dtype: 'float16', values: [0.5, -2, 6e-8, 65504] }], attributes: { to: 1 } },
  {
    title: 'beyond the range',
    inputs: [{ dims: [4], values: [NaN, 1e30, -1e30, 300] }],
    attributes: { to: 2 },
    gradient: [],
    noRuntime: 'ONNX leaves it undefined',
  },
];
