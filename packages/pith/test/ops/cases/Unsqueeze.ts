import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'in front and at the end', inputs: [{ dims: [2, 3] }, ints(-1, 0)] },
  { title: 'in the middle, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, ints(1)] },
  { title: 'a scalar, opset 21', opset: 21, inputs: [{ dims: [] }, ints(0)] },
];
