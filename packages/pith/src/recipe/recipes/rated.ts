/**
 * Rate–distortion training: a narrower copy of the network is trained as integers against its loss and the bytes it takes, with the network
 * as it came, or others, for a teacher (the rate as in Oktay et al., "Scalable Model Compression by Entropy Penalized Reparameterization",
 * 2020; here with prices from the contexts of the coder).
 */
import { PithError } from '../../base/errors.js';
import type { Model } from '../../base/tensor.js';
import { costOf } from '../../cost/cost.js';
import { normalizedLayers } from '../../rewrite/fold-batch-norm.js';
import { countParameters, parametersOf } from '../../train/parameters.js';
import type { StepInput } from '../recipe.js';
import { frontierPlan, lambdasOf } from '../search/frontier.js';
import { ratePlan } from '../search/rate.js';
import { openGroups, widthsFor } from '../steps/rate/shrink.js';
import type { NamedRecipe } from './named.js';

const batch = 128;
/** Where neither a size nor λ is given. */
const usualLambda = 5e-6;
/** Of a size: where the file ends is known to a hundredth while λ is still steered. */
const aimed = 0.99;
/** λ at which a size is begun with: about what it ends with. */
const steeredLambda = 8e-6;

/** LeNet-300-100 gets 40 epochs, a network of c times its multiply-adds c^(−1/3) times as many: LeNet-5 20; none less than 8. */
const epochsFor = (model: Model): number => {
  const { multiplyAdds } = costOf(model).totals;
  return Math.min(100, Math.max(8, Math.round(40 * (multiplyAdds / 266_200) ** (-1 / 3))));
};

/** Of images that never change a network of a few kilobytes learns less from labels than from what a teacher says beside them. */
const ofStill = { teacher: 0.7, temperature: 2 } as const;

/**
 * A network with batch normalization is trained in units of steps, at a learning rate in those units, with more of a softer teacher; it keeps
 * its widths, as sums of branches forbid most of the others. λ to begin with is measured on ResNet-20: 24 times smaller at 1.2e-6.
 */
const ofNormalized = {
  rate: 0.02,
  end: 0.01,
  from: 0.1,
  ramp: 0.3,
  teacher: 0.6,
  temperature: 3,
  editions: 4,
  normalized: {},
} as const;
/** At least. */
const normalizedEpochs = 10;
const usualNormalizedLambda = 1.2e-6;

const isNormalized = (model: Model): boolean => normalizedLayers(model).length > 0;

/** λ for a file of so many bytes: bytes fall about with λ to the power −1/2.2. */
const normalizedLambda = (model: Model, bytes: number): number =>
  usualNormalizedLambda * Math.min(10, Math.max(0.1, ((4 * countParameters(model)) / bytes / 24) ** 2.2));

/** Throws `usage.slim` where there are not as many numbers as layers whose units can be chosen. */
function slimmed(model: Model, slim: readonly number[]): Record<string, number> {
  const groups = openGroups(model);
  if (groups.length !== slim.length)
    throw new PithError('usage.slim', {
      at: { option: 'slim' },
      expected: `${groups.length} numbers of units, of ${groups.map((g) => `${g.maker} (${g.count})`).join(', ')}`,
      got: slim.join(','),
    });
  return Object.fromEntries(groups.map((g, i) => [g.maker, Math.min(slim[i]!, g.count)]));
}

export const rated: NamedRecipe = {
  name: 'rated',
  what: 'train against loss and bytes at once',
  takes: ['epochs', 'lambda', 'slim', 'augment', 'frontier', 'teacher'],
  batch,
  parallel: isNormalized,
  planner({ model, targets, knobs }) {
    const { frontier, augment } = knobs;
    // the points of a curve are where their λ puts them; a size only chooses among them
    const maxSize = frontier === undefined ? targets.maxSize : undefined;
    const normalized = isNormalized(model);
    const usual = normalized
      ? {
          lambda: maxSize === undefined ? usualNormalizedLambda : normalizedLambda(model, maxSize),
          epochs: Math.max(normalizedEpochs, epochsFor(model)),
        }
      : { lambda: maxSize === undefined ? usualLambda : steeredLambda, epochs: epochsFor(model) };
    const { lambda = usual.lambda, epochs = usual.epochs, slim } = knobs;
    const widths = slim ? slimmed(model, slim) : maxSize === undefined || normalized ? {} : widthsFor(model, maxSize);
    const rate = parametersOf(model).some((p) => p.role === 'convolution') ? 3e-3 : 2e-3;
    const stepAt = (aim: number, length: number, begun: boolean): StepInput => ({
      use: 'rate',
      epochs: length,
      batch,
      lambda: aim,
      ...(augment !== undefined && { augment }),
      ...(augment === 'none' && ofStill),
      ...(normalized && ofNormalized),
      ...(begun ? { rate: normalized ? ofNormalized.rate / 2 : 1e-3, from: 1, ramp: 0 } : { ...(!normalized && { rate }), widths }),
      ...(maxSize !== undefined && { bytes: aimed * maxSize }),
    });
    const search = { name: 'rated', targets, epochs, stepAt };
    return frontier === undefined ? ratePlan({ ...search, lambda }) : frontierPlan({ ...search, lambdas: lambdasOf(frontier) });
  },
};
