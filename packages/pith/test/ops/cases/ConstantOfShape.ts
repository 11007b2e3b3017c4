import type { Case } from '../case.js';
import { ints } from '../ints.js';

export const cases: readonly Case[] = [
  { title: 'zeros', inputs: [ints(2, 3)] },
  { title: 'a value', opset: 13, inputs: [ints(3)], attributes: { value: { dtype: 'float32', dims: [1], data: Float32Array.of(0.5) } } },
  { title: 'integers', inputs: [ints()], attributes: { value: { dtype: 'int64', dims: [1], data: BigInt64Array.of(7n) } } },
];
