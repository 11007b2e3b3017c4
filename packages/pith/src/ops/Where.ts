/** y = a where the condition holds, else b; all three broadcast. */
import { broadcast } from '../base/shape.js';
import { free, type GradientView, type Op } from './op.js';
import { zipRefs } from './pointwise.js';

/** A product with the condition as 0 and 1, because ONNX Runtime runs Where on one thread. */
function gradient(g: GradientView): void {
  const { op } = g;
  const [condition, dy] = [g.x(0), g.dy(0)];
  const da = op.Mul(dy, op.Cast(condition, dy.dtype));
  if (g.wants(1)) g.give(1, da);
  if (g.wants(2)) g.give(2, g.wants(1) ? op.Sub(dy, da) : op.Mul(dy, op.Cast(op.Not(condition), dy.dtype)));
}

export const Where: Op = {
  name: 'Where',
  infer(n) {
    const [condition, a, b] = [n.input(0), n.input(1), n.input(2)];
    if (condition.dtype !== 'bool') n.fail('a condition of type bool', condition.dtype);
    if (a.dtype !== b.dtype) n.fail(`both values of type ${a.dtype}`, b.dtype);
    return [{ dtype: a.dtype, dims: broadcast(condition.dims, a.dims, b.dims) }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [condition, a, b]) => [zipRefs(n.input(1).dtype, [condition!, a!, b!], (c, x, y) => (c !== 0 ? x : y))],
};
