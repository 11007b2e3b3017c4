/** Mean over axes; of integers, rounded towards zero. */
import { reduction } from './reduce.js';

export const ReduceMean = reduction('ReduceMean', {
  axesInputSince: 18,
  start: 0,
  step: (sum, x) => sum + x,
  finish: (sum, count, integer) => (integer ? Math.trunc(sum / count) : sum / count),
  gradient: (g, { kept, count }) => g.op.Mul(kept(g.dy(0)), g.op.scalar(1 / count, g.dy(0).dtype)),
});
