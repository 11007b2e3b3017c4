import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'two axes', inputs: [{ dims: [2, 3] }, ints(2, 2)] },
  { title: 'once, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, ints(1, 1)] },
  { title: 'a vector', inputs: [{ dims: [3] }, ints(4)] },
  { title: 'no times', inputs: [{ dims: [3] }, ints(0)], gradient: [] },
];
