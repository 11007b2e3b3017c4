/** Broadcasting to a shape; both sides may be broadcast. */
import { broadcast } from '../base/shape.js';
import { free, type NodeView, type Op } from './op.js';
import { zipRefs } from './pointwise.js';

const expanded = (n: NodeView): number[] => broadcast(n.input(0).dims, n.constantInts(1) ?? n.fail('a shape', 'none'));

export const Expand: Op = {
  name: 'Expand',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: expanded(n) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.dy(0)) },
  cost: () => free,
  reference(n, [x]) {
    const dims = expanded(n);
    return [zipRefs(x!.dtype, [x!, { dtype: x!.dtype, dims, data: new Float64Array(dims.reduce((a, b) => a * b, 1)) }], (v) => v)];
  },
};
