import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'two matrices', inputs: [{ dims: [2, 3] }, { dims: [3, 4] }] },
  { title: 'a stack and a matrix', inputs: [{ dims: [2, 2, 3] }, { dims: [3, 4] }] },
  { title: 'stacks that broadcast', inputs: [{ dims: [2, 1, 2, 3] }, { dims: [3, 3, 2] }] },
  { title: 'a vector on the left', inputs: [{ dims: [3] }, { dims: [2, 3, 2] }] },
  { title: 'a vector on the right', inputs: [{ dims: [2, 2, 3] }, { dims: [3] }] },
  { title: 'two vectors', inputs: [{ dims: [3] }, { dims: [3] }] },
];
