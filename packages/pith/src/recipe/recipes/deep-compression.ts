/**
 * Deep Compression (Han, Mao and Dally, 2016): prune and retrain in rounds, share the kept weights, train the centroids, code with relative
 * positions and Huffman codes. How much each layer keeps follows from one threshold on layer-adaptive magnitudes.
 */
import { retrainingEpochs } from '../effort.js';
import type { StepInput } from '../recipe.js';
import { type DensityRecipe, searchPlan } from '../search/density.js';
import type { NamedRecipe } from './named.js';

const pruneTo = (density: number): StepInput => ({
  use: 'prune',
  criterion: 'lamp',
  threshold: { scope: 'global', density: Number(Math.min(1, density).toPrecision(6)) },
});

const batch = 128;

const common = {
  use: 'train',
  batch,
  labelSmoothing: 0.05,
  augment: 'usual',
  averaging: { from: 0.7, every: 8, decay: 0.98 },
} as const satisfies Partial<StepInput>;

const retrain = (epochs: number): StepInput => ({
  ...common,
  epochs: Math.max(1, Math.round(epochs)),
  rate: 0.05,
  nesterov: true,
  weightDecay: 1e-4,
});

const shareAndTrain = (epochs: number): readonly StepInput[] => [
  { use: 'share' },
  { ...common, epochs: Math.max(1, Math.round(epochs)), optimizer: 'adam', rate: 3e-4 },
];

export const densityRecipe: DensityRecipe = {
  name: 'deep-compression',
  density: 0.045,
  whole: ({ density, epochs }) => [
    pruneTo(4 * density),
    retrain(0.2 * epochs),
    pruneTo(2 * density),
    retrain(0.3 * epochs),
    pruneTo(density),
    retrain(0.5 * epochs),
    ...shareAndTrain(0.12 * epochs),
  ],
  further: ({ density, epochs }) => [pruneTo(density), retrain(0.5 * epochs), ...shareAndTrain(0.12 * epochs)],
};

export const deepCompression: NamedRecipe = {
  name: densityRecipe.name,
  what: 'prune, share, code (Han et al., 2016)',
  takes: ['density', 'epochs'],
  batch,
  parallel: () => true,
  planner: ({ model, targets, knobs: { density, epochs } }) =>
    searchPlan({ recipe: densityRecipe, targets, density, epochs: epochs ?? retrainingEpochs(model) }),
};
