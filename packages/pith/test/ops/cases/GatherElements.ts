import type { Case } from '../case.js';
import { index } from '../ints.js';

/** Adding by scatter is of opset 16; training graphs are of 17 or later. */
export const cases: readonly Case[] = [
  { title: 'along the rows', inputs: [{ dims: [3, 3] }, index([2, 3], 1, 2, 0, 2, 0, 0)] },
  { title: 'along the last axis', inputs: [{ dims: [2, 4] }, index([2, 3], -1, 0, 0, 2, 1, 2)], attributes: { axis: -1 } },
  { title: 'a codebook, opset 13', opset: 13, inputs: [{ dims: [3] }, index([6], 0, 1, 2, 2, 1, -3)], gradient: [] },
  { title: 'fewer rows than the data', inputs: [{ dims: [3, 2, 2] }, index([2, 1, 2], 0, 1, 1, 1)], attributes: { axis: 1 } },
];
