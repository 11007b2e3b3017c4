import type { Case } from '../case.js';

const shape = (...values: readonly number[]) => ({ dims: [values.length], dtype: 'int64', values, constant: true }) as const;

export const cases: readonly Case[] = [
  { title: 'to a given shape', inputs: [{ dims: [2, 6] }, shape(3, 4)] },
  { title: 'a kept axis and a free one', inputs: [{ dims: [2, 3, 4] }, shape(0, -1)] },
  { title: 'to a scalar', inputs: [{ dims: [1, 1] }, { dims: [0], dtype: 'int64', values: [], constant: true }] },
  { title: 'to a vector, opset 13', opset: 13, inputs: [{ dims: [2, 3] }, shape(-1)] },
  { title: 'integers, opset 21', opset: 21, inputs: [{ dims: [4], dtype: 'int64' }, shape(2, 2)] },
  { title: 'nothing at all with allowzero', inputs: [{ dims: [0, 3] }, shape(3, 0)], attributes: { allowzero: 1 }, gradient: [] },
];
