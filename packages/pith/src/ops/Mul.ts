/** y = a · b with broadcasting. */
import { binary } from './pointwise.js';

export const Mul = binary('Mul', {
  f: (a, b) => a * b,
  gradient: {
    kind: 'rule',
    build(g) {
      if (g.wants(0)) g.give(0, g.op.Mul(g.dy(0), g.x(1)));
      if (g.wants(1)) g.give(1, g.op.Mul(g.dy(0), g.x(0)));
    },
  },
});
