/** The shape of a tensor, or a range of it, as integers. */
import { free, type NodeView, type Op } from './op.js';

function range(n: NodeView): readonly number[] {
  const { dims } = n.input(0);
  return dims.slice(n.int('start', 0), n.int('end', dims.length));
}

export const Shape: Op = {
  name: 'Shape',
  infer: (n) => [{ dtype: 'int64', dims: [range(n).length] }],
  gradient: { kind: 'zero', why: 'a shape does not depend on values' },
  cost: () => free,
  reference: (n) => [{ dtype: 'int64', dims: [range(n).length], data: Float64Array.from(range(n)) }],
};
