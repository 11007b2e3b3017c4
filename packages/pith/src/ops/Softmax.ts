/** yᵢ = e^xᵢ / Σ e^xⱼ along one axis. dx = y·(dy − Σ dy·y). */
import { alongAxis, exponentials } from './lines.js';

export const Softmax = alongAxis(
  'Softmax',
  (line) => {
    const { max, sum } = exponentials(line);
    return line.map((x) => Math.exp(x - max) / sum);
  },
  (op, y, dy, axis) => op.Mul(y, op.Sub(dy, op.ReduceSum(op.Mul(dy, y), [axis]))),
);
