/** At least one, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const Or = truth('Or', (a, b) => a !== 0 || b !== 0);
