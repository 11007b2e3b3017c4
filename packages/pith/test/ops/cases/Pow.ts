import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  {
    title: 'equal shapes',
    inputs: [
      { dims: [2, 3], range: [0.5, 2] },
      { dims: [2, 3], range: [-2, 2] },
    ],
  },
  {
    title: 'a row and a column',
    opset: 13,
    inputs: [
      { dims: [2, 1], range: [0.5, 2] },
      { dims: [1, 3], range: [-2, 2] },
    ],
  },
  {
    title: 'a scalar and a missing leading axis',
    opset: 21,
    inputs: [
      { dims: [], range: [0.5, 2] },
      { dims: [2, 2], range: [-2, 2] },
    ],
  },
  { title: 'squares of both signs', inputs: [{ dims: [3, 4] }, { dims: [], values: [2], constant: true }] },
  { title: 'cubes of both signs', inputs: [{ dims: [3, 4] }, { dims: [1], values: [3], constant: true }] },
  { title: 'whole exponents of another type', inputs: [{ dims: [2, 3] }, { dims: [3], dtype: 'int64', values: [-1, 2, 3] }] },
  {
    title: 'exponent 0 has slope 0, at base 0 too',
    inputs: [
      { dims: [4], values: [0, 1, -1, 2] },
      { dims: [], values: [0], constant: true },
    ],
  },
  {
    title: 'exponent 1 at base 0',
    inputs: [
      { dims: [2], values: [0, 0.5] },
      { dims: [2], values: [1, 1], constant: true },
    ],
  },
  {
    title: 'integers',
    inputs: [
      { dims: [5], dtype: 'int64', values: [3, 4, -5, 0, 2] },
      { dims: [5], dtype: 'int64', values: [1, 2, 3, 2, 10] },
    ],
  },
];
