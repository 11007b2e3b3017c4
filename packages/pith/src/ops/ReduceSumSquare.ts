/** Sum of squares over axes. */
import { sizeOf } from '../base/tensor.js';
import { reduction } from './reduce.js';

export const ReduceSumSquare = reduction('ReduceSumSquare', {
  axesInputSince: 18,
  start: 0,
  step: (sum, x) => sum + x * x,
  gradient: (g, { kept }) => g.op.Mul(g.x(0), g.op.Mul(kept(g.dy(0)), g.op.scalar(2, g.x(0).dtype))),
  cost: (n) => ({ multiplyAdds: sizeOf(n.input(0).dims) }),
});
