/** y = x where x > 0, else alpha·(eˣ − 1). Clevert et al., 2015. The slope at 0 is alpha. */
import type { NodeView } from './op.js';
import { unary } from './pointwise.js';
import { step } from './step.js';

const alphaOf = (n: NodeView): number => n.float('alpha', 1);

/** (1 − alpha)·step(x) + alpha·e^min(x, 0): the exponential is 1 on the right. */
export const Elu = unary(
  'Elu',
  (x, n) => (x > 0 ? x : alphaOf(n) * Math.expm1(x)),
  (op, x, _y, g) => {
    const alpha = alphaOf(g);
    const k = (v: number) => op.scalar(v, x.dtype);
    const left = op.Exp(op.Min(x, k(0)));
    return alpha === 1 ? left : op.Add(op.Mul(step(op, x), k(1 - alpha)), op.Mul(left, k(alpha)));
  },
);
