/** a > b, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const Greater = truth('Greater', (a, b) => a > b);
