import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'by sizes', inputs: [{ dims: [2, 6] }, ints(1, 3, 2)], attributes: { axis: 1 }, outputs: 3, lossOutputs: [0, 1, 2] },
  { title: 'one part unread', inputs: [{ dims: [5, 2] }, ints(2, 3)], outputs: 2, lossOutputs: [1] },
  { title: 'equal parts, opset 13', opset: 13, inputs: [{ dims: [2, 4] }], attributes: { axis: -1 }, outputs: 2, lossOutputs: [0, 1] },
  {
    title: 'a smaller last part, opset 18',
    inputs: [{ dims: [7, 2] }],
    attributes: { num_outputs: 3 },
    outputs: 3,
    lossOutputs: [0, 1, 2],
  },
];
