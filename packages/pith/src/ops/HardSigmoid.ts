/** y = alpha·x + beta, cut to 0 … 1. The slope at both kinks is 0. */
import type { NodeView } from './op.js';
import { unary } from './pointwise.js';
import { step } from './step.js';

const alphaOf = (n: NodeView): number => n.float('alpha', 0.2);

/** y − y² is above 0 exactly between the kinks. */
export const HardSigmoid = unary(
  'HardSigmoid',
  (x, n) => Math.max(0, Math.min(1, alphaOf(n) * x + n.float('beta', 0.5))),
  (op, _x, y, g) => op.Mul(step(op, op.Sub(y, op.Mul(y, y))), op.scalar(alphaOf(g), y.dtype)),
);
