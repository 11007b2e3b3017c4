/** Both, element by element, with broadcasting. */
import { truth } from './pointwise.js';

export const And = truth('And', (a, b) => a !== 0 && b !== 0);
