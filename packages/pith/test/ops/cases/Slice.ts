import type { Case } from '../case.js';
import { ints } from '../ints.js';

const last = 2 ** 63 - 1024;
const first = -(2 ** 63);

export const cases: readonly Case[] = [
  { title: 'a range of one axis', inputs: [{ dims: [3, 5] }, ints(1), ints(4), ints(1)] },
  { title: 'ranges of two axes, from the end', inputs: [{ dims: [3, 5] }, ints(-2, 1), ints(last, -1), ints(0, -1)] },
  { title: 'no axes and no steps, opset 13', opset: 13, inputs: [{ dims: [3, 4] }, ints(1, 0), ints(3, 2)] },
  { title: 'every second', inputs: [{ dims: [2, 5] }, ints(0), ints(last), ints(1), ints(2)] },
  { title: 'backwards', inputs: [{ dims: [2, 5] }, ints(-1), ints(first), ints(1), ints(-1)] },
  { title: 'backwards by two along the first axis', inputs: [{ dims: [5, 2] }, ints(4), ints(0), ints(0), ints(-2)] },
  { title: 'every second pixel', inputs: [{ dims: [2, 3, 4, 5] }, ints(0, 0), ints(last, last), ints(2, 3), ints(2, 2)] },
  { title: 'pixels by different steps', inputs: [{ dims: [1, 2, 7, 5] }, ints(1, 1), ints(5, 4), ints(2, 3), ints(3, 1)] },
  { title: 'every third row within a range', inputs: [{ dims: [1, 2, 9, 2] }, ints(1), ints(6), ints(2), ints(3)] },
  { title: 'nothing', inputs: [{ dims: [2, 3] }, ints(2), ints(1), ints(1)], gradient: [] },
  { title: 'bounds outside', opset: 21, inputs: [{ dims: [4] }, ints(-9), ints(9), ints(0)] },
  { title: 'integers', inputs: [{ dims: [5], dtype: 'int64' }, ints(1), ints(3), ints(0)] },
  {
    title: 'without axes but with steps',
    inputs: [{ dims: [4, 4] }, ints(0, 3), ints(4, 0), null, ints(3, -1)],
  },
];
