/** y = 1 / x. */
import { unary } from './pointwise.js';

export const Reciprocal = unary(
  'Reciprocal',
  (x) => 1 / x,
  (op, _x, y) => op.Neg(op.Mul(y, y)),
);
