/** Slices along an axis, named by indices: also the rows of an embedding. */
import { PithError } from '../errors.js';
import type { Operator } from './operator.js';
import { countOf } from './value.js';

export const Gather: Operator = {
  name: 'Gather',
  prepare: (node) => {
    const choice = node.int('axis', 0);
    return (inputs) => {
      const x = node.value(inputs, 0);
      const index = node.real(inputs, 1, ['int64', 'int32']);
      const axis = node.axis(choice, x.dims.length);
      const [outer, size, run] = [countOf(x.dims.slice(0, axis)), x.dims[axis]!, countOf(x.dims.slice(axis + 1))];
      const count = countOf(index.dims);
      return {
        kind: 'kernel',
        outputs: [{ dtype: x.dtype, dims: [...x.dims.slice(0, axis), ...index.dims, ...x.dims.slice(axis + 1)] }],
        kernel: 'gather',
        run: (c) => {
          const wrong = c.kernels.take(c.x[0]!, c.x[1]!, c.y[0]!, outer, size, run, count);
          if (wrong >= 0)
            throw new PithError('input.index', {
              at: node.place,
              expected: `indices in ${-size} … ${size - 1}`,
              got: `another one at place ${wrong} of "${node.node.inputs[1]}"`,
            });
        },
      };
    };
  },
};
