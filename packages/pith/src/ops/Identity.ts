/** y = x. */
import { unary } from './pointwise.js';

export const Identity = unary('Identity', (x) => x, { kind: 'rule', build: (g) => g.give(0, g.dy(0)) });
