/** y = max(x, 0). The slope at 0 is 0. */
import { unary } from './pointwise.js';

export const Relu = unary('Relu', (x) => Math.max(x, 0), {
  kind: 'rule',
  build: (g) => g.give(0, g.op.Where(g.op.Greater(g.y(0), g.op.scalar(0, g.y(0).dtype)), g.dy(0), g.op.scalar(0, g.y(0).dtype))),
});
