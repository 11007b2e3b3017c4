/** How the networks of the benches are trained: briefly, since what is measured is how a network is compressed, not how good it is. */
import type { TrainingDefaults } from '../../packages/pith/dist/zoo/network.js';

/** CIFAR-10 at half its size. */
export const image = { channels: 3, height: 16, width: 16 } as const;

export const briefly: TrainingDefaults = {
  epochs: 3,
  batch: 64,
  optimizer: 'sgd',
  momentum: 0.9,
  nesterov: true,
  rate: 0.05,
  schedule: { kind: 'cosine', warmup: 0.05 },
  weightDecay: 5e-4,
  labelSmoothing: 0,
  augment: 'flip',
};
