/** What `train` begins with: the network or model, and the settings of its one step. */
import { access } from 'node:fs/promises';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import type { StepInput } from '../recipe/recipe.js';
import { networkOf, networks } from '../zoo/list.js';
import { buildNetwork, type TrainingDefaults } from '../zoo/network.js';
import { type ModelSource, openModel } from './model-source.js';

type TrainStep = Extract<StepInput, { use: 'train' }>;
/** Settings of the training step that differ from the defaults. */
export type TrainPlan = Partial<Omit<TrainStep, 'use'>>;

/** For training further, where the network's own settings are not known. */
const furtherTraining: TrainingDefaults = {
  epochs: 2,
  batch: 64,
  optimizer: 'sgd',
  momentum: 0.9,
  nesterov: true,
  rate: 0.01,
  schedule: { kind: 'cosine', warmup: 0.02 },
  weightDecay: 5e-4,
  labelSmoothing: 0,
};

export interface Starting {
  readonly model: Model;
  readonly network: string;
  readonly defaults: TrainingDefaults;
}

/**
 * A network of the zoo with fresh weights for the images and classes that are given then, or the model in a file. Throws `usage.network`
 * for neither, and what opening the file throws: before any data are read.
 */
export async function startingModel(source: ModelSource): Promise<(data: Dataset, seed: number) => Starting> {
  if (typeof source !== 'string' || (await isFile(source))) {
    const { model, name } = await openModel(source);
    return () => ({ model, network: name, defaults: furtherTraining });
  }
  const network = networkOf(source);
  return ({ train: { channels, height, width }, classes: { length: classes } }, seed) => ({
    model: buildNetwork(network, { seed, classes, channels, height, width }),
    network: network.name,
    defaults: network.training,
  });
}

const isFile = async (path: string): Promise<boolean> =>
  !networks.some((n) => n.name === path) &&
  (/\.(onnx|pith)$/.test(path) ||
    (await access(path).then(
      () => true,
      () => false,
    )));

/** The training step: the defaults, changed by what was said. */
export function trainingStep(defaults: TrainingDefaults, plan: TrainPlan): TrainStep {
  return { use: 'train', ...defaults, ...plan };
}
