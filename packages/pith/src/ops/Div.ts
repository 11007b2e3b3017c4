/** y = a / b with broadcasting; integers are cut towards zero, and dividing them by zero is refused. */
import { binary, isFloat } from './pointwise.js';

export const Div = binary('Div', {
  f(a, b, n) {
    if (isFloat(n.input(0).dtype)) return a / b;
    if (b === 0) n.fail('integer divisors other than 0', '0');
    return Math.trunc(a / b);
  },
  gradient: {
    kind: 'rule',
    build(g) {
      const { op } = g;
      const da = op.Div(g.dy(0), g.x(1));
      if (g.wants(0)) g.give(0, da);
      if (g.wants(1)) g.give(1, op.Neg(op.Mul(da, g.y(0))));
    },
  },
});
