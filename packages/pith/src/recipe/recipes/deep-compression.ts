/**
 * Deep Compression (Han, Mao and Dally, 2016): prune and retrain in rounds, share the kept weights, train the centroids, code with relative
 * positions and Huffman codes. How much each layer keeps follows from one threshold on layer-adaptive magnitudes.
 */
import type { StepInput } from '../recipe.js';
import type { NamedRecipe } from './named.js';

const augment = 'affine:rotate=6,scale=0.07,shear=0.07,shift=0.8;clean=0.25';

const pruneTo = (density: number): StepInput => ({ use: 'prune', criterion: 'lamp', threshold: { scope: 'global', density } });

const retrain = (epochs: number): StepInput => ({ use: 'train', epochs, rate: 0.02, nesterov: true, weightDecay: 1e-4, augment });

const shareAndTrain: readonly StepInput[] = [{ use: 'share' }, { use: 'train', epochs: 3, optimizer: 'adam', rate: 2e-4, augment }];

export const deepCompression: NamedRecipe = {
  name: 'deep-compression',
  what: 'prune, share, code (Han et al., 2016)',
  density: 0.06,
  whole: (density) => [pruneTo(Math.min(1, 3 * density)), retrain(3), pruneTo(density), retrain(8), ...shareAndTrain],
  further: (density) => [pruneTo(density), retrain(6), ...shareAndTrain],
};
