/** Slices of the data, each named by a tuple of leading indices. */
import { PithError } from '../base/errors.js';
import { sizeOf } from '../base/tensor.js';
import { zerosOf } from './axis-read.js';
import { free, type GradientView, type Op } from './op.js';
import { tuplePositions, tuples } from './scatter.js';

function gradient(g: GradientView): void {
  if (g.int('batch_dims', 0) !== 0)
    throw new PithError('unsupported.gradient', {
      at: { node: g.node.name, op: 'GatherND' },
      expected: 'batch_dims 0',
      got: String(g.int('batch_dims')),
    });
  g.give(0, g.op.ScatterND(zerosOf(g.op, g.dy(0), g.x(0).dims), g.x(1), g.dy(0), 'add'));
}

export const GatherND: Op = {
  name: 'GatherND',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: tuples(n, n.int('batch_dims', 0)).dims }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference(n, [x, index]) {
    const shape = tuples(n, n.int('batch_dims', 0));
    const run = sizeOf(shape.rest);
    const data = new Float64Array(sizeOf(shape.dims));
    tuplePositions(n, x!.dims, index!, shape).forEach((p, t) => {
      data.set(x!.data.subarray(p, p + run), t * run);
    });
    return [{ dtype: x!.dtype, dims: shape.dims, data }];
  },
};
