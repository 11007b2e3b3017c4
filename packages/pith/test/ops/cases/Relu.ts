import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'both signs', inputs: [{ dims: [4, 5] }] },
  { title: 'a scalar', opset: 13, inputs: [{ dims: [] }] },
  { title: 'doubles', opset: 21, inputs: [{ dims: [6], dtype: 'float64' }] },
  { title: 'large and small', inputs: [{ dims: [4], values: [1e-3, -1e-3, 1e20, -1e20] }], gradient: [] },
];
