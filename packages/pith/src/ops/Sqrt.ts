/** y = √x. The slope at 0 is infinite, as it is. */
import { unary } from './pointwise.js';

export const Sqrt = unary('Sqrt', Math.sqrt, {
  kind: 'rule',
  build: (g) => g.give(0, g.op.Div(g.dy(0), g.op.Mul(g.y(0), g.op.scalar(2, g.y(0).dtype)))),
});
