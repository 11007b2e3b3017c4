/** yᵢ = xᵢ − ln Σ e^xⱼ along one axis. dx = dy − e^y·Σ dy. */
import { alongAxis, exponentials } from './lines.js';

export const LogSoftmax = alongAxis(
  'LogSoftmax',
  (line) => {
    const { max, sum } = exponentials(line);
    return line.map((x) => x - max - Math.log(sum));
  },
  (op, y, dy, axis) => op.Sub(dy, op.Mul(op.Exp(y), op.ReduceSum(dy, [axis]))),
);
