import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'named axes', inputs: [{ dims: [1, 2, 1, 3] }, ints(0, -2)] },
  { title: 'all axes of size 1, opset 13', opset: 13, inputs: [{ dims: [1, 2, 1] }] },
  { title: 'to a scalar, opset 21', opset: 21, inputs: [{ dims: [1] }, ints(0)] },
];
