/** A small network with and without batch normalization, its training options and batches, for the tests of steppers. */
import { Random } from '../../../src/base/random.js';
import type { Model } from '../../../src/base/tensor.js';
import { softmaxCrossEntropy } from '../../../src/train/losses/softmax-cross-entropy.js';
import type { Optimizer } from '../../../src/train/optimizers/optimizer.js';
import type { ProgramOptions } from '../../../src/train/program.js';
import type { StepInput, Stepper, Stepping } from '../../../src/train/stepper.js';
import { buildNetwork, type Network } from '../../../src/zoo/network.js';

const batch = 12;
const [channels, side, classes] = [2, 8, 5];

const network = (normalized: boolean): Network => ({
  name: 'small',
  description: 'for tests',
  image: { channels, height: side, width: side },
  classes,
  parameters: 0,
  scheme: 'he-normal',
  training: { epochs: 1, batch, optimizer: 'sgd', rate: 0.1, schedule: { kind: 'constant' }, weightDecay: 0, labelSmoothing: 0 },
  build(l, image, out) {
    const conv = l.conv(image, { name: 'conv', out: 6, kernel: 3, pad: 1, bias: !normalized });
    const x = l.relu(normalized ? l.batchNorm(conv, 'bn') : conv, 'relu');
    return l.full(l.globalPool(l.relu(l.conv(x, { name: 'conv2', out: 7, kernel: 3 }), 'relu2'), 'pool'), { name: 'fc', out });
  },
});

export const model = (normalized: boolean): Model => buildNetwork(network(normalized));

export const optionsOf = (of: Model, optimizer: Optimizer, more: Partial<ProgramOptions> = {}): ProgramOptions => ({
  model: of,
  batch,
  loss: softmaxCrossEntropy,
  optimizer,
  states: new Map(),
  frozen: new Set(),
  weightDecay: 1e-2,
  clipNorm: 0,
  statisticsMomentum: 0.9,
  ...more,
});

/** `repeats` equal parts make up the batch, so that each part has the statistics of the whole. */
export function inputAt(step: number, optimizer: Optimizer, repeats = 1): StepInput {
  const random = Random.of(5, 'batch', step);
  const part = batch / repeats;
  const images = Float32Array.from({ length: part * channels * side * side }, () => random.between(-1, 1));
  const targets = new Float32Array(part * classes);
  for (let i = 0; i < part; i++) targets[i * classes + ((i + step) % classes)] = 1;
  const repeat = (a: Float32Array): Float32Array => Float32Array.from({ length: a.length * repeats }, (_, i) => a[i % a.length]!);
  return {
    images: repeat(images),
    targets: repeat(targets),
    rate: optimizer.name === 'adam' ? 0.01 : 0.1,
    scalars: optimizer.scalarsAt(step + 1),
  };
}

/** Trained arrays and statistics of a model under the names of a program's slots. */
export const startOf = (of: Model): ReadonlyMap<string, Float32Array> =>
  new Map([...of.graph.initializers].flatMap(([name, t]) => (t.dtype === 'float32' ? [[name, t.data as Float32Array]] : [])));

export interface Trained {
  readonly losses: readonly number[];
  readonly logits: Float32Array;
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

export async function train(stepping: Stepping, options: ProgramOptions, steps: number, repeats = 1): Promise<Trained> {
  const stepper: Stepper = await stepping(options).open(startOf(options.model));
  try {
    const losses: number[] = [];
    let logits = new Float32Array();
    for (let step = 0; step < steps; step++) {
      const result = await stepper.step(inputAt(step, options.optimizer, repeats));
      losses.push(result.loss);
      logits = result.logits.slice();
    }
    return { losses, logits, arrays: new Map([...stepper.arrays()].map(([name, a]) => [name, a.slice()])) };
  } finally {
    await stepper.close();
  }
}
