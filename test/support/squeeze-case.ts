/**
 * A small network made smaller at several efforts, whole: inputs distilled, moments collected, layers solved, the file coded and decoded.
 * The graphs are run by the float64 reference, so that all of it is pith's own arithmetic; wherever this runs, the hashes must be the same.
 */
import { distilledSamples } from '../../packages/pith/src/calibrate/distill.js';
import { reference } from '../../packages/pith/src/engine/reference.js';
import { prepareSqueeze } from '../../packages/pith/src/squeeze/squeeze.js';
import { buildNetwork, type Network } from '../../packages/pith/src/zoo/network.js';
import { sha256 } from '../../packages/runtime/src/codec/sha256.js';
import { bytesOf, readPith, toModel, writePith } from '../../packages/runtime/src/index.js';

const network: Network = {
  name: 'small',
  description: 'for tests',
  image: { channels: 3, height: 8, width: 8 },
  classes: 5,
  parameters: 0,
  scheme: 'he-normal',
  training: { epochs: 1, batch: 8, optimizer: 'sgd', rate: 0.1, schedule: { kind: 'constant' }, weightDecay: 0, labelSmoothing: 0 },
  build(l, image, classes) {
    const first = l.relu(l.batchNorm(l.conv(image, { name: 'conv1', out: 8, kernel: 3, pad: 1 }), 'bn1'), 'relu1');
    const second = l.conv(first, { name: 'conv2', out: 12, kernel: 3, stride: 2, groups: 4, bias: false });
    return l.full(l.globalPool(l.relu(l.batchNorm(second, 'bn2'), 'relu2'), 'pool'), { name: 'fc', out: classes });
  },
};

const hex = (bytes: Uint8Array): string => Array.from(sha256([bytes]), (byte) => byte.toString(16).padStart(2, '0')).join('');

export interface Squeezed {
  /** SHA-256 of the file, and of the weights that it decodes to. */
  readonly file: string;
  readonly weights: string;
}

export async function squeezedAt(effort: number, seed: number): Promise<Squeezed> {
  const model = buildNetwork(network, { seed });
  const samples = await distilledSamples({ engine: reference, threads: 1, model, count: 8, steps: 10, seed });
  const prepared = await prepareSqueeze({ model, engine: reference, threads: 1, effort, samples, seed });
  const { bytes } = writePith({ model: prepared.model, stored: await prepared.quantize(prepared.constants.usual) });
  const weights = [...toModel(readPith(bytes)).graph.initializers.values()].map(bytesOf);
  const joined = new Uint8Array(weights.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of weights) {
    joined.set(part, at);
    at += part.length;
  }
  return { file: hex(bytes), weights: hex(joined) };
}
