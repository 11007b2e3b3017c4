/** The number of elements of a tensor. */
import { sizeOf } from '../base/tensor.js';
import { free, type Op } from './op.js';

export const Size: Op = {
  name: 'Size',
  infer: () => [{ dtype: 'int64', dims: [] }],
  gradient: { kind: 'zero', why: 'a size does not depend on values' },
  cost: () => free,
  reference: (n) => [{ dtype: 'int64', dims: [], data: Float64Array.of(sizeOf(n.input(0).dims)) }],
};
