/**
 * y = min(max(x, low), high); both bounds optional. At the bounds the gradient goes to x, as PyTorch has it. A bound receives the
 * gradient of the elements that it cuts (Choi et al., PACT, 2018, learn theirs that way).
 */
import { sizeOf } from '../base/tensor.js';
import { free, type GradientView, type NodeView, type Op } from './op.js';

/** x = y exactly where nothing was cut. */
function gradient(g: GradientView): void {
  const { op } = g;
  const [x, dy] = [g.x(0), g.dy(0)];
  const where = (truth: typeof x) => op.Mul(dy, op.Cast(truth, dy.dtype));
  if (g.wants(0)) g.give(0, where(op.Equal(x, g.y(0))));
  if (g.wants(1)) g.give(1, where(op.Less(x, g.x(1))));
  if (g.wants(2)) g.give(2, where(op.Greater(x, g.x(2))));
}

function check(n: NodeView): void {
  for (const i of [1, 2]) if (n.has(i) && sizeOf(n.input(i).dims) !== 1) n.fail(`input ${i} to be a scalar`, `shape [${n.input(i).dims}]`);
}

export const Clip: Op = {
  name: 'Clip',
  infer(n) {
    check(n);
    return [{ dtype: n.input(0).dtype, dims: n.input(0).dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference(_n, [x, low, high]) {
    const [a, b] = [low?.data[0] ?? Number.NEGATIVE_INFINITY, high?.data[0] ?? Number.POSITIVE_INFINITY];
    return [{ ...x!, data: x!.data.map((v) => Math.min(Math.max(v, a), b)) }];
  },
};
