import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'three along the middle', inputs: [{ dims: [2, 1, 2] }, { dims: [2, 3, 2] }, { dims: [2, 2, 2] }], attributes: { axis: 1 } },
  { title: 'a negative axis', inputs: [{ dims: [2, 1] }, { dims: [2, 3] }], attributes: { axis: -1 } },
  { title: 'one alone, opset 13', opset: 13, inputs: [{ dims: [2, 3] }], attributes: { axis: 0 } },
  { title: 'only one gradient asked', inputs: [{ dims: [2, 3] }, { dims: [1, 3] }], attributes: { axis: 0 }, gradient: [1] },
  {
    title: 'integers',
    inputs: [
      { dims: [2], dtype: 'int64' },
      { dims: [3], dtype: 'int64' },
    ],
    attributes: { axis: 0 },
  },
];
