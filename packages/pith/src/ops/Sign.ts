/** −1, 0 or 1. */
import { flat, unary } from './pointwise.js';

export const Sign = unary('Sign', Math.sign, flat);
