/** a = b, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const Equal = truth('Equal', (a, b) => a === b);
