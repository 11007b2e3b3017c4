/** With axes of size 1 put in where `axes` says, counted in the output. */
import { axisOf } from '../base/shape.js';
import { free, type NodeView, type Op } from './op.js';

function unsqueezed(n: NodeView): number[] {
  const { dims } = n.input(0);
  const given = n.constantInts(1) ?? n.fail('axes', 'none');
  const rank = dims.length + given.length;
  const axes = new Set(given.map((axis) => axisOf(axis, rank)));
  if (axes.size !== given.length) n.fail('axes that differ', `[${given}]`);
  const rest = dims.values();
  return Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : rest.next().value!));
}

export const Unsqueeze: Op = {
  name: 'Unsqueeze',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: unsqueezed(n) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.op.Reshape(g.dy(0), g.x(0).dims)) },
  cost: () => free,
  reference: (n, [x]) => [{ ...x!, dims: unsqueezed(n) }],
};
