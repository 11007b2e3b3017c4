/** A matrix: the axes before `axis` become its rows, the others its columns. */
import { sizeOf } from '../base/tensor.js';
import { free, type NodeView, type Op } from './op.js';

function matrix(n: NodeView): number[] {
  const { dims } = n.input(0);
  const axis = n.int('axis', 1);
  if (axis < -dims.length || axis > dims.length) n.fail(`an axis in ${-dims.length} … ${dims.length}`, String(axis));
  const at = axis < 0 ? axis + dims.length : axis;
  return [sizeOf(dims.slice(0, at)), sizeOf(dims.slice(at))];
}

export const Flatten: Op = {
  name: 'Flatten',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: matrix(n) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.op.Reshape(g.dy(0), g.x(0).dims)) },
  cost: () => free,
  reference: (n, [x]) => [{ ...x!, dims: matrix(n) }],
};
