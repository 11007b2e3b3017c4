import type { Case } from '../case.js';
import { index } from '../ints.js';

/** Adding by scatter is of opset 16; training graphs are of 17 or later. */
export const cases: readonly Case[] = [
  { title: 'elements', inputs: [{ dims: [3, 2] }, index([2, 2], 0, 1, -1, 0)] },
  { title: 'rows, one of them twice', inputs: [{ dims: [3, 2] }, index([3, 1], 2, 0, 2)] },
  { title: 'kept weights, opset 13', opset: 13, inputs: [{ dims: [6] }, index([2, 1], 1, 4)], gradient: [] },
  { title: 'one slice', inputs: [{ dims: [2, 3, 2] }, index([2], 1, 2)] },
  { title: 'with batch dims', inputs: [{ dims: [2, 3, 2] }, index([2, 1], 2, 0)], attributes: { batch_dims: 1 }, gradient: [] },
];
