/** The minimum over axes; equal extremes share the gradient. */
import { reduction, toExtremes } from './reduce.js';

export const ReduceMin = reduction('ReduceMin', {
  axesInputSince: 18,
  start: Number.POSITIVE_INFINITY,
  step: (sum, x) => Math.min(sum, x),
  gradient: toExtremes,
});
