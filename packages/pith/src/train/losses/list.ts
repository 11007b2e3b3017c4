/** Every loss, by the name that a recipe gives it. */
import type { Loss } from './loss.js';
import { meanSquaredError } from './mean-squared-error.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

export const losses = {
  'mean-squared-error': meanSquaredError,
  'softmax-cross-entropy': softmaxCrossEntropy,
} as const satisfies Readonly<Record<string, Loss>>;
export type LossName = keyof typeof losses;
