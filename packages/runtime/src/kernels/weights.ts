/** Constant weights as packers need them: as a dense matrix or by their non-zeros, float32, scaled by output channel. */
import { PithError } from '../errors.js';
import { densify, type SharedStored, type StoredTensor } from '../format/stored.js';

/** Non-zeros by row (CSR). */
export interface Rows {
  /** Row r has the entries starts[r] … starts[r + 1] − 1. */
  readonly starts: Int32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** Throws `unsupported.dtype` where it is not float32. */
export function denseOf(stored: StoredTensor): Float32Array {
  const { data, dtype } = densify(stored);
  if (data instanceof Float32Array) return data;
  throw new PithError('unsupported.dtype', { expected: 'float32', got: dtype, fix: 'this runtime computes in float32: convert the model' });
}

/** A weight as a matrix of `rows` rows, without its zeros. */
export function rowsOf(stored: StoredTensor, rows: number, scale?: Float32Array): Rows {
  const { positions, values } = nonZeros(stored);
  const size = stored.kind === 'dense' ? stored.tensor.data.length : stored.dims.reduce((a, b) => a * b, 1);
  const width = rows === 0 ? 0 : size / rows;
  const starts = new Int32Array(rows + 1);
  const columns = new Uint32Array(positions.length);
  const scaled = scale ? new Float32Array(values.length) : values;
  for (let row = 0, i = 0; row < rows; row++) {
    for (; i < positions.length && positions[i]! < (row + 1) * width; i++) {
      columns[i] = positions[i]! - row * width;
      if (scale) scaled[i] = values[i]! * scale[row]!;
    }
    starts[row + 1] = i;
  }
  return { starts, columns, values: scaled };
}

function nonZeros(stored: StoredTensor): { positions: ArrayLike<number>; values: Float32Array } {
  if (stored.kind === 'sparse') return { positions: stored.positions, values: stored.values };
  if (stored.kind === 'shared' && stored.positions && !stored.codebook.includes(0)) {
    const { positions, codebook, index } = stored;
    const values = new Float32Array(index.length);
    for (let i = 0; i < index.length; i++) values[i] = codebook[index[i]!]!;
    return { positions, values };
  }
  const data = denseOf(stored);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) count++;
  const positions = new Uint32Array(count);
  const values = new Float32Array(count);
  for (let i = 0, to = 0; i < data.length; i++)
    if (data[i] !== 0) {
      positions[to] = i;
      values[to++] = data[i]!;
    }
  return { positions, values };
}

/** How many weights are not zero. */
export function nonZeroCount(stored: StoredTensor): number {
  if (stored.kind === 'sparse') return stored.values.length;
  let count = 0;
  if (stored.kind === 'shared') {
    const { codebook, index } = stored;
    for (let i = 0; i < index.length; i++) if (codebook[index[i]!] !== 0) count++;
    return count;
  }
  const numbers = stored.kind === 'uniform' ? stored.levels : denseOf(stored);
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== 0) count++;
  return count;
}

/** Non-zeros that share few values. */
export interface Palette {
  readonly codebook: Float32Array;
  /** The cluster of each non-zero. */
  readonly clusters: Uint8Array;
  readonly rows: Rows;
}

const mostClusters = 256;

/** Whether its codebook and indices are a palette as they are. */
export const isPalette = (stored: StoredTensor): stored is SharedStored & { readonly positions: Uint32Array } =>
  stored.kind === 'shared' && stored.positions !== null && stored.codebook.length <= mostClusters && !stored.codebook.includes(0);

/** `rows` are those of the weight. Undefined where there are more than 256 values. */
export function paletteOf(stored: StoredTensor, rows: Rows): Palette | undefined {
  if (isPalette(stored)) return { codebook: stored.codebook, clusters: Uint8Array.from(stored.index), rows };
  const names = new Map<number, number>();
  const clusters = new Uint8Array(rows.values.length);
  for (let i = 0; i < clusters.length; i++) {
    const value = rows.values[i]!;
    let cluster = names.get(value);
    if (cluster === undefined) {
      if (names.size === mostClusters) return undefined;
      cluster = names.size;
      names.set(value, cluster);
    }
    clusters[i] = cluster;
  }
  return { codebook: Float32Array.from(names.keys()), clusters, rows };
}
