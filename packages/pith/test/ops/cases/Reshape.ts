import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'to a given shape', inputs: [{ dims: [2, 6] }, ints(3, 4)] },
  { title: 'a kept axis and a free one', inputs: [{ dims: [2, 3, 4] }, ints(0, -1)] },
  { title: 'to a scalar', inputs: [{ dims: [1, 1] }, ints()] },
  { title: 'to a vector, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, ints(-1)] },
  { title: 'integers, opset 21', opset: 21, inputs: [{ dims: [4], dtype: 'int64' }, ints(2, 2)] },
  { title: 'nothing at all with allowzero', inputs: [{ dims: [0, 3] }, ints(3, 0)], attributes: { allowzero: 1 }, gradient: [] },
];
