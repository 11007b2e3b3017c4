/**
 * Distillation (Hinton et al., 2015): a share of the cross-entropy against the labels, the rest against a teacher's logits, both softened
 * by a temperature: L = (1 − share) · CE + share · T² · H(teacher / T, student / T). Asks for the feed `teacher`, [N, classes].
 */
import type { Loss } from './loss.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

export interface DistillationOptions {
  /** Of the teacher, 0 … 1. */
  readonly share: number;
  readonly temperature: number;
}

export const distillation = ({ share, temperature }: DistillationOptions): Loss => ({
  name: 'distillation',
  build(op, output, target, context) {
    const cooler = op.scalar(1 / temperature);
    const soft = op.Stop(op.Softmax(op.Mul(context.feedRows('teacher', output.dims), cooler), output.dims.length - 1));
    const labels = softmaxCrossEntropy.build(op, output, target, context);
    const taught = softmaxCrossEntropy.build(op, op.Mul(output, cooler), soft, context);
    return op.Add(op.Mul(labels, op.scalar(1 - share)), op.Mul(taught, op.scalar(share * temperature ** 2)));
  },
});
