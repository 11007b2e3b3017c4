/** Where: one of two values, as a condition says; all three broadcast. */
import type { Operator } from './operator.js';
import { broadcastDims, collapsed, repeating, tableOf } from './walk.js';

export const Where: Operator = {
  name: 'Where',
  prepare: (node) => (inputs) => {
    const [condition, a, b] = [node.real(inputs, 0, ['bool']), node.value(inputs, 1), node.value(inputs, 2)];
    if (a.dtype !== b.dtype) node.wrong('values of one type', `${a.dtype} and ${b.dtype}`);
    const dims = broadcastDims(condition.dims, a.dims, b.dims);
    const strides = [condition, a, b].map((value) => repeating(value.dims, dims));
    return {
      kind: 'kernel',
      outputs: [{ dtype: a.dtype, dims }],
      kernel: 'select',
      tables: [tableOf(collapsed({ dims, strides }))],
      run: ({ kernels, tables, x, y }) => kernels.select(tables[0]!, x[0]!, x[1]!, x[2]!, y[0]!),
    };
  },
};
