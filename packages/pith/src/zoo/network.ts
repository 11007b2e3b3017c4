/**
 * What an architecture says of itself, and how it becomes a model: input `image` float32 [N, C, H, W], output `logits` float32
 * [N, classes], batch size free, opset 17. The same options give the same bytes.
 */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { inferNode } from '../ops/infer.js';
import type { Scheme } from './init.js';
import { Layers } from './layers.js';

/** Settings that train the network well from scratch: where a recipe or a command says nothing else. */
export interface TrainingDefaults {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: 'sgd' | 'adam';
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Base learning rate. */
  readonly rate: number;
  readonly schedule:
    | { readonly kind: 'constant'; readonly warmup?: number }
    | { readonly kind: 'step'; readonly every: number; readonly gamma: number; readonly warmup?: number }
    | { readonly kind: 'cosine'; readonly end?: number; readonly warmup?: number };
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** A running average of the weights over the last part; see train/average.ts. */
  readonly averaging?: { readonly from: number; readonly every: number; readonly decay: number };
  /** An augmentation as the command line writes it; absent: none. */
  readonly augment?: string;
}

export interface Network {
  /** As the command line names it. */
  readonly name: string;
  /** One line: layers, and where they are from. */
  readonly description: string;
  /** The images that it was made for; other sizes are possible. */
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  readonly classes: number;
  /** Trained numbers with these images and classes; running statistics are not among them. */
  readonly parameters: number;
  readonly scheme: Scheme;
  readonly training: TrainingDefaults;
  /** The layers, from the image to the logits. */
  readonly build: (layers: Layers, image: Value, classes: number) => Value;
}

export interface NetworkOptions {
  readonly seed?: number;
  readonly classes?: number;
  readonly channels?: number;
  readonly height?: number;
  readonly width?: number;
}

const opset = 17;
const irVersion = 8;

/**
 * The network with fresh weights. Options that are absent are those the network was made for, and seed 1. Throws `usage.option` for
 * unknown or impossible options, `input.node` where the image is too small for the layers, `limit.weight` where it is too large.
 */
export function buildNetwork(network: Network, options: NetworkOptions = {}): Model {
  const all: Required<NetworkOptions> = { seed: 1, classes: network.classes, ...network.image, ...options };
  check(all, network.name);
  const { seed, classes, channels, height, width } = all;
  const graph = Graph.empty(network.name);
  const builder = new Builder(graph, opset, inferNode);
  const image = builder.input('image', { dtype: 'float32', dims: [1, channels, height, width] });
  const logits = builder.output('logits', network.build(new Layers(builder, { seed, scheme: network.scheme }), image, classes));
  const built = graph.freeze();
  return {
    irVersion,
    opsets: new Map([['', opset]]),
    producerName: 'pith',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    doc: '',
    metadata: new Map([
      ['pith.network', network.name],
      ['pith.seed', String(seed)],
    ]),
    graph: {
      ...built,
      inputs: [{ name: image.name, dtype: 'float32', dims: ['N', channels, height, width] }],
      outputs: [{ name: logits.name, dtype: 'float32', dims: ['N', classes] }],
    },
    functions: [],
  };
}

const least = { seed: 0, classes: 1, channels: 1, height: 1, width: 1 } satisfies Record<keyof NetworkOptions, number>;

function check(options: Required<NetworkOptions>, name: string): void {
  for (const [key, value] of Object.entries(options)) {
    const low = Object.hasOwn(least, key) ? least[key as keyof typeof least] : undefined;
    if (low === undefined)
      throw new PithError('usage.option', {
        at: { option: key },
        expected: `an option of ${name}: ${Object.keys(least).join(', ')}`,
        got: key,
      });
    if (!Number.isSafeInteger(value) || value < low || value >= 2 ** 32)
      throw new PithError('usage.option', { at: { option: key }, expected: `a whole number from ${low} to 2^32 − 1`, got: String(value) });
  }
}
