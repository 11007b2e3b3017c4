import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'both bounds',
    inputs: [{ dims: [4, 5] }, { dims: [], values: [-0.5], constant: true }, { dims: [], values: [1], constant: true }],
  },
  { title: 'learned bounds', inputs: [{ dims: [4, 5] }, { dims: [], values: [-0.75] }, { dims: [], values: [0.8125] }] },
  { title: 'only low', opset: 13, inputs: [{ dims: [3, 3] }, { dims: [], values: [0.25], constant: true }] },
  { title: 'only high', opset: 21, inputs: [{ dims: [3, 3] }, null, { dims: [], values: [0.25], constant: true }] },
  { title: 'no bounds', inputs: [{ dims: [3] }] },
  {
    title: 'bounds of one element',
    inputs: [{ dims: [3] }, { dims: [1], values: [0], constant: true }],
    noRuntime: 'ONNX wants scalars; files with one element exist',
  },
  {
    title: 'integers',
    inputs: [
      { dims: [5], dtype: 'int64', values: [-9, -1, 0, 2, 9] },
      { dims: [], dtype: 'int64', values: [-2], constant: true },
      { dims: [], dtype: 'int64', values: [3], constant: true },
    ],
  },
];
