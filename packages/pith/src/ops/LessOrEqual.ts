/** a ≤ b, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const LessOrEqual = truth('LessOrEqual', (a, b) => a <= b);
