/** y = a − b with broadcasting. */
import { binary } from './pointwise.js';

export const Sub = binary('Sub', {
  f: (a, b) => a - b,
  gradient: {
    kind: 'rule',
    build(g) {
      if (g.wants(0)) g.give(0, g.dy(0));
      if (g.wants(1)) g.give(1, g.op.Neg(g.dy(0)));
    },
  },
});
