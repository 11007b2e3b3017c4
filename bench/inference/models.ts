/** Networks of the zoo with fresh weights, compressed in the ways of the papers: what matters for speed is how many weights are left. */

import { networkOf } from '../../packages/pith/dist/zoo/list.js';
import { buildNetwork, type Network } from '../../packages/pith/dist/zoo/network.js';
import {
  type Model,
  type SharedStored,
  type SparseStored,
  type StoredTensor,
  type Tensor,
  writePith,
} from '../../packages/runtime/dist/index.js';
import { mobilenetV1, oneLayer } from '../networks/mobilenet-v1.js';

export interface Subject {
  readonly name: string;
  readonly how: string;
  /** How many times faster than the rival it must be. */
  readonly goal: number;
  readonly file: Uint8Array;
  readonly input: { readonly name: string; readonly dims: readonly number[] };
}

/** Positions of the largest weights. */
function kept(data: Float32Array, density: number): Uint32Array {
  const order = [...data.keys()].sort((a, b) => Math.abs(data[b]!) - Math.abs(data[a]!) || a - b);
  return Uint32Array.from(order.slice(0, Math.round(data.length * density))).sort();
}

function sparse({ dims, data }: Tensor, density: number): SparseStored {
  const positions = kept(data as Float32Array, density);
  return { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (at) => data[at] as number) };
}

/** Values on a line between the least and the largest, as the codebook is where k-means begins. */
function shared(tensor: Tensor, density: number, bits: number): SharedStored {
  const { positions, values } = sparse(tensor, density);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = 2 ** bits - 2;
  const codebook = Float32Array.from({ length: last + 1 }, (_, i) => low + ((high - low) * i) / last);
  const index = Uint16Array.from(values, (v) => Math.round(((v - low) / (high - low)) * last));
  return { kind: 'shared', dims: tensor.dims, codebook, positions, index, gapBits: bits };
}

type Store = (name: string, tensor: Tensor) => StoredTensor | undefined;

function subject(network: Network, how: string, goal: number, store: Store): Subject {
  const { name } = network;
  const model: Model = buildNetwork(network);
  const stored = new Map<string, StoredTensor>();
  for (const [weight, tensor] of model.graph.initializers) {
    const found = tensor.dims.length > 1 ? store(weight, tensor) : undefined;
    if (found) stored.set(weight, found);
  }
  const [input] = model.graph.inputs;
  const dims = input!.dims!.map((d) => (typeof d === 'number' ? d : 1));
  return { name, how, goal, file: writePith({ model, stored }).bytes, input: { name: input!.name, dims } };
}

/** Han, Mao and Dally, 2016, table 3: the share of weights that is kept and the bits of a cluster. */
const deepCompression: Readonly<Record<string, readonly [density: number, bits: number]>> = {
  'conv1.weight': [0.66, 8],
  'conv2.weight': [0.12, 8],
  'fc1.weight': [0.08, 5],
  'fc2.weight': [0.19, 5],
};

const pruned: Store = (_, tensor) => sparse(tensor, 0.1);

/** Those that are large enough for several threads; the goal is the gain by a second one. */
export const largeSubjects = (): Subject[] => [
  subject(networkOf('resnet-20'), 'as floats', 1, () => undefined),
  subject(networkOf('resnet-20'), 'nine weights in ten pruned in each layer', 1, pruned),
  subject(mobilenetV1, 'as floats', 1.5, () => undefined),
  subject(mobilenetV1, 'nine weights in ten pruned in each layer', 1.3, pruned),
  subject(oneLayer, 'as floats', 1.6, () => undefined),
];

export const subjects = (): Subject[] => [
  subject(networkOf('lenet-5'), 'pruned and shared as in table 3 of Deep Compression', 4, (name, tensor) => {
    const [density, bits] = deepCompression[name]!;
    return shared(tensor, density, bits);
  }),
  subject(networkOf('resnet-20'), 'nine weights in ten pruned in each layer', 3, pruned),
];
