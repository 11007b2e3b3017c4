/** The maximum over axes; equal extremes share the gradient. */
import { reduction, toExtremes } from './reduce.js';

export const ReduceMax = reduction('ReduceMax', {
  axesInputSince: 18,
  start: Number.NEGATIVE_INFINITY,
  step: (sum, x) => Math.max(sum, x),
  gradient: toExtremes,
});
