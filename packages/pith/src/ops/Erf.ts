/** The error function, y = 2/√π ∫₀ˣ e^(−t²) dt. */
import { unary } from './pointwise.js';

/** To full double precision: the series 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)), whose terms all have one sign. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const Erf = unary('Erf', erf, (op, x) => op.Mul(op.Exp(op.Neg(op.Mul(x, x))), op.scalar(2 / Math.sqrt(Math.PI), x.dtype)));
