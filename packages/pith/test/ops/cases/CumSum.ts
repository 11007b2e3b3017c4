import type { Case } from '../case.js';
import { int } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'along the rows', inputs: [{ dims: [3, 2] }, int(0)] },
  { title: 'exclusive, the last axis, opset 13', opset: 13, inputs: [{ dims: [2, 4] }, int(-1)], attributes: { exclusive: 1 } },
  { title: 'backwards', inputs: [{ dims: [2, 4] }, int(1)], attributes: { reverse: 1 } },
  { title: 'backwards and exclusive', inputs: [{ dims: [4] }, int(0)], attributes: { reverse: 1, exclusive: 1 } },
];
