/** y = the largest element over all spatial axes, which stay with size 1. Equal largest elements share the gradient evenly. */
import { globalPool } from './global-pool.js';

export const GlobalMaxPool = globalPool('GlobalMaxPool', {
  f: (plane) => plane.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY),
  gradient: (g) => {
    const { op } = g;
    const dy = g.dy(0);
    const largest = op.Cast(op.Equal(g.x(0), g.y(0)), dy.dtype);
    const axes = dy.dims.slice(2).map((_, i) => i + 2);
    g.give(0, op.Mul(largest, op.Div(dy, op.ReduceSum(largest, axes))));
  },
});
