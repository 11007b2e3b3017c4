/** What is measured: a network, a batch, and numbers to train on that both sides get. */
import { Random } from '../../packages/pith/dist/base/random.js';
import type { Model } from '../../packages/pith/dist/base/tensor.js';
import { networkOf } from '../../packages/pith/dist/zoo/list.js';
import { buildNetwork } from '../../packages/pith/dist/zoo/network.js';

export interface Case {
  readonly network: string;
  readonly batch: number;
}

export const cases: readonly Case[] = [
  { network: 'lenet-5', batch: 64 },
  { network: 'lenet-5', batch: 256 },
  { network: 'lenet-300-100', batch: 128 },
  { network: 'resnet-20', batch: 64 },
];

export const nameOf = ({ network, batch }: Case): string => `${network}/${batch}`;

/** Small, so that rounding does not grow over the steps in which losses are compared. */
export const rate = 0.002;
export const momentum = 0.9;

export interface Task {
  readonly model: Model;
  /** [batch, channels, height, width] each. */
  readonly images: readonly Float32Array[];
  readonly labels: readonly Int32Array[];
  readonly dims: readonly number[];
  readonly classes: number;
}

/**
 * Ten batches of noise. Each batch is `parts` times the same images, so that batch normalization finds the same statistics in each part:
 * workers that normalize their own part then have the loss of the whole batch.
 */
export function taskOf({ network, batch }: Case, parts: number): Task {
  const { image, classes } = networkOf(network);
  const pixels = image.channels * image.height * image.width;
  const count = batch / parts;
  const batches = Array.from({ length: 10 }, (_, i) => {
    const random = Random.of(3, 'bench', i);
    const images = Float32Array.from({ length: count * pixels }, () => random.between(-1, 1));
    const labels = Int32Array.from({ length: count }, () => random.below(classes));
    return {
      images: Float32Array.from({ length: batch * pixels }, (_, k) => images[k % images.length]!),
      labels: Int32Array.from({ length: batch }, (_, k) => labels[k % count]!),
    };
  });
  return {
    model: buildNetwork(networkOf(network)),
    images: batches.map((b) => b.images),
    labels: batches.map((b) => b.labels),
    dims: [batch, image.channels, image.height, image.width],
    classes,
  };
}
