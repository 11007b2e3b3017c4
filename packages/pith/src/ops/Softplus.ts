/** y = ln(1 + eˣ), computed so that it does not overflow. */
import { unary } from './pointwise.js';

export const Softplus = unary(
  'Softplus',
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (op, x) => op.Sigmoid(x),
);
