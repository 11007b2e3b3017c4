/** Samples that all reductions share: axes as attribute or input, kept or dropped, all or none. */
import type { Case } from './case.js';
import { ints } from './ints.js';

export interface ReduceFacts {
  /** The opset from which on axes are an input. */
  readonly axesInputSince: 13 | 18;
  readonly extra?: readonly Case[];
}

export const reduceCases = ({ axesInputSince, extra = [] }: ReduceFacts): readonly Case[] => [
  { title: 'one axis, kept', inputs: [{ dims: [2, 3, 4] }, ints(1)] },
  { title: 'two axes, dropped', inputs: [{ dims: [2, 3, 4] }, ints(0, -1)], attributes: { keepdims: 0 } },
  { title: 'all axes to a scalar', inputs: [{ dims: [2, 3] }], attributes: { keepdims: 0 } },
  { title: 'all axes, kept, opset 21', opset: 21, inputs: [{ dims: [2, 3] }] },
  { title: 'the last axis, opset 23', opset: 23, inputs: [{ dims: [3, 5] }, ints(-1)] },
  axesInputSince === 13
    ? { title: 'one axis, opset 13', opset: 13, inputs: [{ dims: [3, 2] }, ints(0)] }
    : { title: 'one axis as attribute, opset 13', opset: 13, inputs: [{ dims: [3, 2] }], attributes: { axes: [0], keepdims: 0 } },
  { title: 'integers', inputs: [{ dims: [2, 3], dtype: 'int32', values: [3, -7, 4, 1, 0, -9] }, ints(1)] },
  ...extra,
];
