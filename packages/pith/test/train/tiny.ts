/** Networks of a few dozen weights, images that they can learn, and a host without threads or clock: for the tests of training and recipes. */
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { BatchMaker, batches } from '../../src/data/batches.js';
import type { Dataset, Split } from '../../src/data/dataset.js';
import type { Engine } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import type { Host, SourceOptions } from '../../src/recipe/step.js';
import type { BatchSource, FitPlan } from '../../src/train/fit.js';
import type { Layers } from '../../src/zoo/layers.js';
import { buildNetwork, type Network } from '../../src/zoo/network.js';

const side = 4;
const classes = 3;

const network = (build: Network['build']): Model =>
  buildNetwork({
    name: 'tiny',
    description: 'for tests',
    image: { channels: 1, height: side, width: side },
    classes,
    parameters: 0,
    scheme: 'he-normal',
    training: { epochs: 1, batch: 8, optimizer: 'sgd', rate: 0.1, schedule: { kind: 'constant' }, weightDecay: 0, labelSmoothing: 0 },
    build,
  });

const twoLayers = (l: Layers, image: Parameters<Network['build']>[1], out: number) =>
  l.full(l.relu(l.full(l.flatten(image, 'flat'), { name: 'fc1', out: 12 }), 'relu'), { name: 'fc2', out });

/** 16 → 12 → 3. */
export const dense = (): Model => network(twoLayers);

/** A convolution, batch normalisation, a fully connected layer. */
export const normalized = (): Model =>
  network((l, image, out) => {
    const x = l.relu(l.batchNorm(l.conv(image, { name: 'conv', out: 4, kernel: 3, pad: 1, bias: false }), 'bn'), 'relu');
    return l.full(l.flatten(x, 'flat'), { name: 'fc', out });
  });

/** Normalisation without anything to scale: three channels, each the mean of the image. */
export const pooled = (): Model =>
  network((l, image, out) => l.globalPool(l.batchNorm(l.op.Concat(new Array<typeof image>(out).fill(image), 1), 'bn'), 'pool'));

/** A convolution, a block of two more around which a branch goes, with batch normalisation behind each, and a fully connected layer. */
export const residual = (): Model =>
  network((l, image, out) => {
    const layer = (x: typeof image, name: string, channels: number) =>
      l.batchNorm(l.conv(x, { name, out: channels, kernel: 3, pad: 1, bias: false }), `${name}.bn`);
    const x = l.relu(layer(image, 'first', 4), 'relu');
    const inner = l.relu(layer(x, 'inner', 6), 'inner.relu');
    return l.full(l.flatten(l.relu(l.op.Add(layer(inner, 'outer', 4), x), 'sum'), 'flat'), { name: 'fc', out });
  });

/** Each class lights another row, under noise. */
export function stripes(options: { readonly train?: number; readonly test?: number; readonly seed?: number } = {}): Dataset {
  const { train = 48, test = 24, seed = 3 } = options;
  const split = (count: number, part: string): Split => {
    const random = Random.of(seed, part);
    const labels = Uint16Array.from({ length: count }, (_, i) => i % classes);
    const images = Uint8Array.from({ length: count * side * side }, (_, i) => {
      const row = Math.floor((i % (side * side)) / side);
      return random.below(90) + (row === labels[Math.floor(i / (side * side))]! ? 150 : 0);
    });
    return { images, count, labels, channels: 1, height: side, width: side };
  };
  return { name: 'stripes', classes: ['top', 'middle', 'bottom'], train: split(train, 'train'), test: split(test, 'test') };
}

/** The batches of a split, in this thread. */
export function sourceOf({ signal: _, augment, ...given }: SourceOptions): BatchSource {
  const options = { ...given, dropLast: true, ...(augment && { augment }) };
  return { batch: options.batch, stepsPerEpoch: new BatchMaker(options).steps, stream: (from) => batches({ ...options, ...from }) };
}

/** Its clock goes on by a millisecond at each look. */
export function host(engine: Engine = onnxruntimeNode): Host {
  let now = 0;
  return { engine, threads: 1, source: sourceOf, clock: () => now++ };
}

export const plan = (more: Partial<FitPlan> = {}): FitPlan => ({
  epochs: 3,
  optimizer: 'sgd',
  rate: 0.05,
  schedule: { kind: 'cosine', warmup: 0.1 },
  loss: 'softmax-cross-entropy',
  labelSmoothing: 0,
  weightDecay: 0,
  clipNorm: 0,
  ...more,
});

/** The code and detail of what a call throws; undefined where it throws nothing. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
