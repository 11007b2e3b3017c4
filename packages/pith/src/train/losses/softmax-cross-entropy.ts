/** Softmax cross-entropy of logits [N, classes] against target distributions [N, classes] (one-hot, smoothed or a teacher's). */
import type { Loss } from './loss.js';

export const softmaxCrossEntropy: Loss = {
  name: 'softmax-cross-entropy',
  build(op, output, target) {
    const terms = op.Mul(op.LogSoftmax(output, output.dims.length - 1), target);
    return op.Mul(op.ReduceSum(terms, undefined, false), op.scalar(-1 / output.dims[0]!));
  },
};
