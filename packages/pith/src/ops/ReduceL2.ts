/** Euclidean norm over axes; of integers, rounded towards zero. The gradient at a norm of 0 is 0. */
import { sizeOf } from '../base/tensor.js';
import { reduction } from './reduce.js';

export const ReduceL2 = reduction('ReduceL2', {
  axesInputSince: 18,
  start: 0,
  step: (sum, x) => sum + x * x,
  finish: (sum, _, integer) => (integer ? Math.trunc(Math.sqrt(sum)) : Math.sqrt(sum)),
  gradient(g, { kept }) {
    const { op } = g;
    const norm = kept(g.y(0));
    const one = op.scalar(1, norm.dtype);
    const divisor = op.Where(op.Greater(norm, op.scalar(0, norm.dtype)), norm, one);
    return op.Mul(g.x(0), op.Div(kept(g.dy(0)), divisor));
  },
  cost: (n) => ({ multiplyAdds: sizeOf(n.input(0).dims) }),
});
