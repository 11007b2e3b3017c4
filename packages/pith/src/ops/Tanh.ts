/** y = tanh x. */
import { unary } from './pointwise.js';

export const Tanh = unary('Tanh', Math.tanh, (op, _x, y) => op.Sub(op.scalar(1, y.dtype), op.Mul(y, y)));
