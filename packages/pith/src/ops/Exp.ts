/** y = eˣ. */
import { unary } from './pointwise.js';

export const Exp = unary('Exp', Math.exp, (_op, _x, y) => y);
