/** Sum over axes. */
import { reduction } from './reduce.js';

export const ReduceSum = reduction('ReduceSum', {
  axesInputSince: 13,
  start: 0,
  step: (sum, x) => sum + x,
  gradient: (g, { kept }) => kept(g.dy(0)),
});
