/** y = aᵇ with broadcasting; the exponent may have a type of its own. Integer results are cut towards zero. */
import type { GradientView } from './op.js';
import { binary, isFloat } from './pointwise.js';

/**
 * da = dy·b·aᵇ⁻¹, which is 0 where b is 0, even at a = 0; db = dy·y·ln a, taken as 0 where a ≤ 0 (there y is a power only for single b).
 */
function gradient(g: GradientView): void {
  const { op } = g;
  const [a, dy] = [g.x(0), g.dy(0)];
  const k = (x: number) => op.scalar(x, a.dtype);
  if (g.wants(0)) {
    const exponent = g.x(1).constant;
    if (exponent?.data.length === 1 && Number(exponent.data[0]) === 2) g.give(0, op.Mul(dy, op.Mul(a, k(2))));
    else {
      const b = op.Cast(g.x(1), a.dtype);
      const lower = op.Where(op.Equal(b, k(0)), k(1), op.Sub(b, k(1)));
      g.give(0, op.Mul(dy, op.Mul(b, op.Pow(a, lower))));
    }
  }
  if (g.wants(1) && isFloat(g.x(1).dtype)) {
    const log = op.Log(op.Where(op.Greater(a, k(0)), a, k(1)));
    g.give(1, op.Cast(op.Mul(dy, op.Mul(g.y(0), log)), g.x(1).dtype));
  }
}

export const Pow = binary('Pow', {
  f: (a, b, n) => (isFloat(n.input(0).dtype) ? a ** b : Math.trunc(a ** b)),
  mixed: true,
  gradient: { kind: 'rule', build: gradient },
});
