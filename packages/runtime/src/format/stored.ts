/**
 * What a .pith file keeps of a tensor: the values of its parametrization, not of the dense tensor. `densify` makes the dense tensor.
 * A pruned weight is +0; a kept weight of `sparse` is never zero.
 */
import { PithError } from '../errors.js';
import { type DType, sizeOf, type Tensor } from '../tensor.js';
import { checkUniform, densifyUniform, type Levels, type UniformStored } from './uniform.js';

export interface DenseStored {
  readonly kind: 'dense';
  readonly tensor: Tensor;
}

/** Float32 values at some positions, zero elsewhere. */
export interface SparseStored {
  readonly kind: 'sparse';
  readonly dims: readonly number[];
  /** The non-zeros in row-major order. */
  readonly values: Float32Array;
  /** Their flat indices, ascending. */
  readonly positions: Uint32Array;
}

/** Weights that share few float32 values: each names its cluster. */
export interface SharedStored {
  readonly kind: 'shared';
  readonly dims: readonly number[];
  readonly codebook: Float32Array;
  /** Flat indices of the kept weights, ascending; null where every weight is kept. */
  readonly positions: Uint32Array | null;
  /** The cluster of each kept weight. What a file is decoded to has a byte for each where there are fewer than 256 clusters. */
  readonly index: Uint8Array | Uint16Array;
  /** 1 … 16: positions are coded as gaps of so many bits. 0: every weight is coded, the pruned ones as a cluster of their own. */
  readonly gapBits: number;
}

export type StoredTensor = DenseStored | SparseStored | SharedStored | UniformStored;

export function dtypeOfStored(stored: StoredTensor): DType {
  if (stored.kind === 'dense') return stored.tensor.dtype;
  return stored.kind === 'uniform' ? stored.dtype : 'float32';
}
export const dimsOfStored = (stored: StoredTensor): readonly number[] => (stored.kind === 'dense' ? stored.tensor.dims : stored.dims);

/** The dense tensor, bit for bit. The data of a `dense` one are handed through, not copied. */
export function densify(stored: StoredTensor): Tensor {
  if (stored.kind === 'dense') return stored.tensor;
  if (stored.kind === 'uniform') return densifyUniform(stored);
  const dims = stored.dims;
  const data = new Float32Array(sizeOf(dims));
  // as bits: a float that passes through a JavaScript number may lose the payload of its NaN
  const out = bitsOf(data);
  if (stored.kind === 'sparse') {
    const values = bitsOf(stored.values);
    for (let i = 0; i < values.length; i++) out[stored.positions[i]!] = values[i]!;
    return { dtype: 'float32', dims, data };
  }
  const { positions, index } = stored;
  const codebook = bitsOf(stored.codebook);
  if (positions) for (let i = 0; i < index.length; i++) out[positions[i]!] = codebook[index[i]!]!;
  else for (let i = 0; i < index.length; i++) out[i] = codebook[index[i]!]!;
  return { dtype: 'float32', dims, data };
}

/** The same, to be held on to: where a byte is enough for each cluster, one for each and no room beyond. */
export const slim = (stored: StoredTensor): StoredTensor =>
  stored.kind === 'shared' && stored.codebook.length <= 256 && stored.index.buffer.byteLength > stored.index.length
    ? { ...stored, index: new Uint8Array(stored.index) }
    : stored;

export const bitsOf = (floats: Float32Array): Uint32Array => new Uint32Array(floats.buffer, floats.byteOffset, floats.length);

/** How many weights are kept: every element of a `dense` tensor, those that are not zero of a `uniform` one. */
export function keptOf(stored: StoredTensor): number {
  switch (stored.kind) {
    case 'dense':
      return sizeOf(stored.tensor.dims);
    case 'sparse':
      return stored.values.length;
    case 'shared':
      return stored.index.length;
    case 'uniform':
      return nonZeros(stored.levels);
    default:
      return stored satisfies never;
  }
}

/** A loop, as a callback for each of millions of levels takes longer than decoding them. */
function nonZeros(levels: Levels): number {
  let count = 0;
  // without a branch, which nobody could predict: the sign bit of x | −x is set unless x is zero
  for (let i = 0; i < levels.length; i++) count += (levels[i]! | -levels[i]!) >>> 31;
  return count;
}

/**
 * Checks what a caller hands to the writer: positions ascending and inside, one value each, clusters that exist, widths in range.
 * Throws `usage.stored` naming the tensor.
 */
export function checkStored(name: string, stored: StoredTensor): void {
  const refuse = (expected: string, got: string): never => {
    throw new PithError('usage.stored', { at: { tensor: name }, expected, got });
  };
  if (stored.kind === 'dense') return;
  if (stored.kind === 'uniform') {
    checkUniform(stored, refuse);
    return;
  }
  const size = sizeOf(stored.dims);
  const kept = keptOf(stored);
  if (size > 0xffffffff) refuse('fewer than 2^32 weights', String(size));
  if (stored.positions) checkPositions(stored.positions, size, kept, refuse);
  else if (kept !== size) refuse(`a cluster for each of the ${size} weights`, String(kept));
  if (stored.kind === 'sparse') return;
  const { codebook, index, gapBits } = stored;
  if (codebook.length > 65535) refuse('at most 65535 shared values', String(codebook.length));
  if (!Number.isInteger(gapBits) || gapBits < 0 || gapBits > 16) refuse('gapBits in 0 … 16', String(gapBits));
  const wrong = index.find((cluster) => cluster >= codebook.length);
  if (wrong !== undefined) refuse(`clusters below ${codebook.length}`, String(wrong));
}

function checkPositions(positions: Uint32Array, size: number, kept: number, refuse: (expected: string, got: string) => never): void {
  if (positions.length !== kept) refuse(`${kept} positions, one for each kept weight`, String(positions.length));
  for (let i = 0, before = -1; i < positions.length; before = positions[i++]!) {
    if (positions[i]! <= before) refuse('positions that ascend', `${positions[i]} after ${before}`);
    if (positions[i]! >= size) refuse(`positions below ${size}`, String(positions[i]));
  }
}
