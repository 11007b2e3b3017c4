/**
 * Layer-adaptive magnitude: w² over the sum of the squares that are at least as large in its layer, so that one threshold over all layers
 * leaves each layer what it needs (Lee et al., Layer-adaptive sparsity for the magnitude-based pruning, 2021).
 */
import type { Criterion } from './criterion.js';

export const lamp: Criterion = (weights) => {
  const order = Uint32Array.from(weights, (_, i) => i).sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b);
  const scores = new Float64Array(weights.length);
  let sum = 0;
  for (const i of order) {
    const square = weights[i]! ** 2;
    sum += square;
    scores[i] = sum === 0 ? 0 : square / sum;
  }
  return scores;
};
