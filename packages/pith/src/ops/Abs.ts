/** y = |x|. The slope at 0 is 0. */
import { unary } from './pointwise.js';

export const Abs = unary('Abs', Math.abs, (op, x) => op.Sign(x));
