/**
 * How weights start: named schemes over the fans of a weight, seeded by the weight's name, so that adding a layer leaves the others
 * as they were. Weights are [out, in / groups, …kernel] or, for fully connected layers, [out, in].
 */
import { PithError } from '../base/errors.js';
import { Random } from '../base/random.js';
import { sizeOf, type Tensor } from '../base/tensor.js';

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

const uniform = (random: Random, bound: number): number => random.between(-bound, bound);

/** One draw of each scheme. */
export const schemes = {
  /** He et al., 2015: for layers followed by ReLU. */
  'he-normal': (random: Random, { fanIn }: Fans) => random.normal() * Math.sqrt(2 / fanIn),
  'he-uniform': (random: Random, { fanIn }: Fans) => uniform(random, Math.sqrt(6 / fanIn)),
  /** Glorot and Bengio, 2010. */
  'xavier-uniform': (random: Random, { fanIn, fanOut }: Fans) => uniform(random, Math.sqrt(6 / (fanIn + fanOut))),
  /** What Caffe calls xavier: the fan in alone. */
  'caffe-xavier': (random: Random, { fanIn }: Fans) => uniform(random, Math.sqrt(3 / fanIn)),
} as const;

export type Scheme = keyof typeof schemes;

/** More elements than any network of the zoo has in one weight; a wrong option must not fill the memory. */
const largestWeight = 2 ** 27;

export interface WeightSpec {
  readonly name: string;
  readonly dims: readonly number[];
  readonly scheme: Scheme;
  readonly seed: number;
}

/** A float32 weight of the given shape. Throws `limit.weight` above 2^27 elements. */
export function initialWeight({ name, dims, scheme, seed }: WeightSpec): Tensor {
  const size = sizeOf(dims);
  if (size > largestWeight)
    throw new PithError('limit.weight', {
      at: { tensor: name },
      expected: `at most ${largestWeight} elements`,
      got: `[${dims}]`,
      fix: 'use smaller images or fewer classes',
    });
  const window = sizeOf(dims.slice(2));
  const fans = { fanIn: (dims[1] ?? 1) * window, fanOut: (dims[0] ?? 1) * window };
  const random = Random.of(seed, 'init', name);
  return { dtype: 'float32', dims, data: Float32Array.from({ length: size }, () => schemes[scheme](random, fans)) };
}

/** A vector of one value: biases and normalisation. */
export const filled = (length: number, value: number): Tensor => ({
  dtype: 'float32',
  dims: [length],
  data: new Float32Array(length).fill(value),
});
