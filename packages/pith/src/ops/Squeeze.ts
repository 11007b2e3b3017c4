/** Without axes of size 1: the named ones, or all. */
import { axisOf } from '../base/shape.js';
import { free, type NodeView, type Op } from './op.js';

function squeezed(n: NodeView): number[] {
  const { dims } = n.input(0);
  const axes = n.constantInts(1)?.map((axis) => axisOf(axis, dims.length)) ?? dims.flatMap((d, i) => (d === 1 ? [i] : []));
  if (axes.some((axis) => dims[axis] !== 1)) n.fail('axes of size 1', `axes [${axes}] of [${dims}]`);
  return dims.filter((_, i) => !axes.includes(i));
}

export const Squeeze: Op = {
  name: 'Squeeze',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: squeezed(n) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.op.Reshape(g.dy(0), g.x(0).dims)) },
  cost: () => free,
  reference: (n, [x]) => [{ ...x!, dims: squeezed(n) }],
};
