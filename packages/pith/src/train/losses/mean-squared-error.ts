/** Mean over all elements of the squared difference. */
import type { Loss } from './loss.js';

export const meanSquaredError: Loss = {
  name: 'mean-squared-error',
  build(op, output, target) {
    const difference = op.Sub(output, target);
    return op.ReduceMean(op.Mul(difference, difference), undefined, false);
  },
};
