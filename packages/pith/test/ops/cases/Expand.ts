import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'a column', inputs: [{ dims: [2, 1] }, ints(2, 3)] },
  { title: 'a new leading axis', inputs: [{ dims: [3] }, ints(2, 3)] },
  { title: 'a shape that is broadcast itself, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, ints(1)] },
  { title: 'a scalar', inputs: [{ dims: [] }, ints(2, 2)] },
  { title: 'both sides', inputs: [{ dims: [3, 1] }, ints(2, 1, 4)] },
];
