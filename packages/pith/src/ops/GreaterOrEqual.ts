/** a ≥ b, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const GreaterOrEqual = truth('GreaterOrEqual', (a, b) => a >= b);
