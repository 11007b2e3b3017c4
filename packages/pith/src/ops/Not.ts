/** The other truth value. */
import { flat, unary } from './pointwise.js';

export const Not = unary('Not', (x) => Number(x === 0), flat);
