/** Where: one of two values, as a condition says; all three broadcast. */
import { densify, type StoredTensor } from '../format/stored.js';
import type { Operator } from './operator.js';
import { broadcastDims, collapsed, repeating, tableOf } from './walk.js';

/** As the activations of binary networks are written: x ≥ 0 ? 1 : −1. */
function isSign(stored: StoredTensor | undefined): boolean {
  const data = stored && densify(stored).data;
  return data instanceof Float32Array && data.every((v) => Math.abs(v) === 1);
}

export const Where: Operator = {
  name: 'Where',
  prepare: (node) => {
    const signs = isSign(node.stored(1)) && isSign(node.stored(2));
    return (inputs) => {
      const [condition, a, b] = [node.real(inputs, 0, ['bool']), node.value(inputs, 1), node.value(inputs, 2)];
      if (a.dtype !== b.dtype) node.wrong('values of one type', `${a.dtype} and ${b.dtype}`);
      const dims = broadcastDims(condition.dims, a.dims, b.dims);
      const strides = [condition, a, b].map((value) => repeating(value.dims, dims));
      return {
        kind: 'kernel',
        outputs: [{ dtype: a.dtype, dims, ...(signs && { signs }) }],
        kernel: 'select',
        tables: [tableOf(collapsed({ dims, strides }))],
        run: ({ kernels, tables, x, y }) => kernels.select(tables[0]!, x[0]!, x[1]!, x[2]!, y[0]!),
      };
    };
  },
};
