/** y = max(x, 0). The slope at 0 is 0. */
import { unary } from './pointwise.js';
import { step } from './step.js';

export const Relu = unary(
  'Relu',
  (x) => Math.max(x, 0),
  (op, _x, y) => step(op, y),
);
