/** y = 1 / (1 + e⁻ˣ). */
import { unary } from './pointwise.js';

export const Sigmoid = unary(
  'Sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  (op, _x, y) => op.Mul(y, op.Sub(op.scalar(1, y.dtype), y)),
);
