/** a < b, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const Less = truth('Less', (a, b) => a < b);
