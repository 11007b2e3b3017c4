/** y = x where x > 0, else alpha·x. The slope at 0 is alpha. */
import type { NodeView } from './op.js';
import { unary } from './pointwise.js';
import { step } from './step.js';

const alphaOf = (n: NodeView): number => n.float('alpha', 0.01);

export const LeakyRelu = unary(
  'LeakyRelu',
  (x, n) => (x > 0 ? x : alphaOf(n) * x),
  (op, x, _y, g) => {
    const alpha = alphaOf(g);
    const k = (v: number) => op.scalar(v, x.dtype);
    if (alpha >= 0 && alpha <= 1) return op.Max(step(op, x), k(alpha));
    return op.Add(op.Mul(step(op, x), k(1 - alpha)), k(alpha));
  },
);
