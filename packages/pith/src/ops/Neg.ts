/** y = −x. */
import { unary } from './pointwise.js';

export const Neg = unary('Neg', (x) => -x, { kind: 'rule', build: (g) => g.give(0, g.op.Neg(g.dy(0))) });
