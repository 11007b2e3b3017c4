/** The largest whole number that is not above x. */
import { flat, unary } from './pointwise.js';

export const Floor = unary('Floor', Math.floor, flat);
