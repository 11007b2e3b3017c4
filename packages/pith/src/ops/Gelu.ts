/** y = x·Φ(x), Φ the standard normal distribution; exact, or with the tanh approximation. Hendrycks and Gimpel, 2016. Since opset 20. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { erf } from './Erf.js';
import type { NodeView } from './op.js';
import { unary } from './pointwise.js';

const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

function approximated(n: NodeView): boolean {
  const approximate = n.string('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') n.fail('approximate "none" or "tanh"', `"${approximate}"`);
  return approximate === 'tanh';
}

/** Φ(x) + x·e^(−x²/2)/√(2π). */
function exactSlope(op: Builder, x: Value): Value {
  const k = (v: number) => op.scalar(v, x.dtype);
  const phi = op.Mul(op.Add(op.Erf(op.Mul(x, k(Math.SQRT1_2))), k(1)), k(0.5));
  const density = op.Mul(op.Exp(op.Mul(op.Mul(x, x), k(-0.5))), k(1 / Math.sqrt(2 * Math.PI)));
  return op.Add(phi, op.Mul(x, density));
}

/** With t = tanh(r(x + c·x³)): (1 + t)/2 + x(1 − t²)·r(1 + 3c·x²)/2. */
function tanhSlope(op: Builder, x: Value): Value {
  const k = (v: number) => op.scalar(v, x.dtype);
  const square = op.Mul(x, x);
  const t = op.Tanh(op.Mul(x, op.Add(op.Mul(square, k(root * cubic)), k(root))));
  const inner = op.Mul(x, op.Add(op.Mul(square, k(1.5 * root * cubic)), k(0.5 * root)));
  return op.Add(op.Add(op.Mul(t, k(0.5)), k(0.5)), op.Mul(op.Sub(k(1), op.Mul(t, t)), inner));
}

export const Gelu = unary(
  'Gelu',
  (x, n) => 0.5 * x * (1 + (approximated(n) ? Math.tanh(root * (x + cubic * x ** 3)) : erf(x * Math.SQRT1_2))),
  (op, x, _y, g) => (approximated(g) ? tanhSlope(op, x) : exactSlope(op, x)),
);
