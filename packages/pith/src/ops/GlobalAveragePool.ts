/** y = the mean over all spatial axes, which stay with size 1. */
import { sizeOf } from '../base/tensor.js';
import { globalPool } from './global-pool.js';

export const GlobalAveragePool = globalPool('GlobalAveragePool', {
  f: (plane) => plane.reduce((sum, v) => sum + v, 0) / plane.length,
  gradient: (g) => {
    const { dims } = g.input(0);
    g.give(0, g.op.Expand(g.op.Mul(g.dy(0), g.op.scalar(1 / sizeOf(dims.slice(2)), g.dy(0).dtype)), dims));
  },
});
