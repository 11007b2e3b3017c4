import type { Case } from '../case.js';
import { index, int, ints } from '../ints.js';

/** Adding by scatter is of opset 16; training graphs are of 17 or later. */
export const cases: readonly Case[] = [
  { title: 'a codebook', inputs: [{ dims: [4] }, index([2, 3], 0, 3, -1, 2, 0, 0)] },
  { title: 'a constant index into a codebook', inputs: [{ dims: [4] }, ints(3, 3, -4, 1)] },
  { title: 'rows', inputs: [{ dims: [4, 2] }, index([3], 2, 0, -2)] },
  { title: 'an inner axis', inputs: [{ dims: [2, 4, 3] }, index([2, 2], 2, 2, 0, -1)], attributes: { axis: 1 } },
  { title: 'the last axis, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, index([2], 1, 1)], attributes: { axis: -1 }, gradient: [] },
  { title: 'one constant position', inputs: [{ dims: [3, 4] }, int(-1)], attributes: { axis: 1 } },
  { title: 'a constant run', inputs: [{ dims: [2, 5] }, ints(1, 2, 3)], attributes: { axis: 1 } },
  { title: 'a shape', inputs: [{ dims: [3], dtype: 'int64' }, int(1)] },
  { title: 'int32 indices', inputs: [{ dims: [5] }, { dims: [2], dtype: 'int32', values: [4, 0] }] },
];
