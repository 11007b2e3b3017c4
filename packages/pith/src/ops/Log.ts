/** y = ln x. */
import { unary } from './pointwise.js';

export const Log = unary('Log', Math.log, { kind: 'rule', build: (g) => g.give(0, g.op.Div(g.dy(0), g.x(0))) });
