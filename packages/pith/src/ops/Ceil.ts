/** The smallest whole number that is not below x. */
import { flat, unary } from './pointwise.js';

export const Ceil = unary('Ceil', Math.ceil, flat);
