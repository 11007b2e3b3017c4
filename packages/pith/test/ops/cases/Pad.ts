import type { Case } from '../case.js';
import { ints } from '../ints.js';

const value = { dims: [], values: [0.5] };

export const cases: readonly Case[] = [
  { title: 'zeros around', inputs: [{ dims: [2, 3] }, ints(1, 0, 0, 2)] },
  { title: 'a value around, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, ints(0, 1, 1, 1), value] },
  { title: 'a value along one axis', inputs: [{ dims: [2, 3] }, ints(1, 2), value, ints(-1)] },
  { title: 'cropping', inputs: [{ dims: [4, 4] }, ints(-1, 0, -1, -2)] },
  { title: 'cropping and filling', inputs: [{ dims: [4, 4] }, ints(-1, 1, 2, -2), value] },
  { title: 'a reflection', inputs: [{ dims: [3, 4] }, ints(1, 2, 2, 3)], attributes: { mode: 'reflect' } },
  { title: 'a reflection, opset 13', opset: 13, inputs: [{ dims: [2, 4] }, ints(0, 2, 0, 1)], attributes: { mode: 'reflect' } },
  { title: 'the edge', inputs: [{ dims: [2, 3] }, ints(2, 1, 0, 3)], attributes: { mode: 'edge' } },
  { title: 'wrapped around, opset 19', opset: 19, inputs: [{ dims: [2, 3] }, ints(1, 2, 1, 1)], attributes: { mode: 'wrap' } },
  { title: 'nothing', opset: 21, inputs: [{ dims: [2, 3] }, ints(0, 0, 0, 0)] },
];
