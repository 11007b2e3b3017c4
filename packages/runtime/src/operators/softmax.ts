/** Softmax and its logarithm along one axis (opset 13 and later), shifted by the maximum so that nothing overflows. */
import type { Operator } from './operator.js';
import { countOf } from './value.js';

const along = (name: string, log: number): Operator => ({
  name,
  prepare: (node) => {
    const choice = node.int('axis', -1);
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const axis = node.axis(choice, dims.length);
      const [outer, n, inner] = [countOf(dims.slice(0, axis)), dims[axis]!, countOf(dims.slice(axis + 1))];
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: name.toLowerCase(),
        inPlace: [0],
        run: ({ kernels, x, y }) => kernels.softmax(x[0]!, y[0]!, outer, n, inner, log),
      };
    };
  },
});

export const Softmax = along('Softmax', 0);
export const LogSoftmax = along('LogSoftmax', 1);
