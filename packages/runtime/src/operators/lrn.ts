/** Local response normalization across channels. Krizhevsky, Sutskever and Hinton, 2012. */
import type { Operator } from './operator.js';
import { countOf } from './value.js';

export const LRN: Operator = {
  name: 'LRN',
  prepare: (node) => {
    const [size, alpha, beta, bias] = [node.int('size', 0), node.float('alpha', 1e-4), node.float('beta', 0.75), node.float('bias', 1)];
    if (!(size >= 1 && size < 2 ** 20)) node.wrong('size from 1 to 2^20', String(size));
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const [batch = 1, channels = 1] = dims;
      const plane = countOf(dims.slice(2));
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'lrn',
        run: ({ kernels, x, y }) => kernels.lrn(x[0]!, y[0]!, batch, channels, plane, size, alpha, beta, bias),
      };
    };
  },
};
