/**
 * How long to retrain where nobody says: small networks can afford many epochs and gain by them, large ones cannot. Chosen from the
 * multiply-adds of one image, so that the whole of a recipe takes minutes on two cores for each of the networks it was measured with.
 */
import type { Model } from '../base/tensor.js';
import { costOf } from '../cost/cost.js';

/** LeNet-300-100 gets this many epochs … */
const epochsAtOrigin = 36;
const origin = 266_200;
/** … and a network of c times its multiply-adds c^−0.65 times as many: LeNet-5 9, ResNet-20 4 (the least). */
const exponent = -0.65;
const least = 4;

export function retrainingEpochs(model: Model): number {
  const { multiplyAdds } = costOf(model).totals;
  return Math.min(epochsAtOrigin, Math.max(least, Math.round(epochsAtOrigin * (multiplyAdds / origin) ** exponent)));
}
