/** Constant weights as packers need them: as a dense matrix or by their non-zeros, float32, scaled by output channel. */
import { PithError } from '../errors.js';
import { densify, type SharedStored, type StoredTensor } from '../format/stored.js';
import type { Machine } from './machine.js';

/** Non-zeros by row (CSR). */
export interface Rows {
  /** Columns that there are. */
  readonly width: number;
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

/** Gives so many rows of `width` from one on, valid until the next call. Throws `unsupported.dtype` where it is not float32. */
export function rowsOfDense(stored: StoredTensor, width: number): (first: number, count: number) => Float32Array {
  if (stored.kind === 'shared' && !stored.positions) {
    const { codebook, index } = stored;
    let rows = new Float32Array(0);
    return (first, count) => {
      if (rows.length < count * width) rows = new Float32Array(count * width);
      for (let i = 0, from = first * width; i < count * width; i++) rows[i] = codebook[index[from + i]!]!;
      return rows;
    };
  }
  const dense = denseOf(stored);
  return (first, count) => dense.subarray(first * width, (first + count) * width);
}

/** A weight as a matrix of `rows` rows, without its zeros, which `kept` gives, each row times its scale. Throws `limit.memory`. */
export function rowsOf(machine: Machine, stored: StoredTensor, kept: () => NonZeros, rows: number, scale?: Float32Array): Rows {
  const { positions, values } = isPlain(stored)
    ? { positions: stored.positions, values: lookedUp(machine, stored.codebook, new Uint16Array(stored.index)) }
    : kept();
  const size = stored.kind === 'dense' ? stored.tensor.data.length : stored.dims.reduce((a, b) => a * b, 1);
  const width = rows === 0 ? 0 : size / rows;
  const { splitRows, scaleRows } = machine.exports;
  return machine.aside(() => {
    const columns = machine.put(positions);
    const starts = machine.allocate(4 * (rows + 1));
    splitRows(columns, positions.length, rows, width, starts);
    const made = { width, starts: machine.ints(starts, rows + 1).slice(), columns: machine.words(columns, positions.length).slice() };
    if (!scale) return { ...made, values };
    const [at, by] = [machine.put(values), machine.put(scale)];
    scaleRows(at, starts, rows, by);
    return { ...made, values: machine.floats(at, values.length).slice() };
  });
}

/** book[index[i]]. Throws `limit.memory`. */
const lookedUp = (machine: Machine, book: Float32Array, index: Uint16Array): Float32Array =>
  machine.aside(() => {
    const [from, indices, to] = [machine.put(book), machine.put(index), machine.allocate(4 * index.length)];
    machine.exports.lookUp(from, indices, 2, index.length, to, 4);
    return machine.floats(to, index.length).slice();
  });

type Plain = SharedStored & { readonly positions: Uint32Array };
/** What is kept is what is not zero. */
const isPlain = (stored: StoredTensor): stored is Plain =>
  stored.kind === 'shared' && stored.positions !== null && !stored.codebook.includes(0);

export interface NonZeros {
  readonly positions: Uint32Array;
  readonly values: Float32Array;
}

/** `count`: how many they are. */
export function nonZerosOf(stored: StoredTensor, count: number): NonZeros {
  if (stored.kind === 'sparse') return stored;
  const data = denseOf(stored);
  const positions = new Uint32Array(count);
  const values = new Float32Array(count);
  let to = 0;
  for (let i = 0; to < count && i < data.length; i++) {
    const value = data[i]!;
    if (value !== 0) {
      positions[to] = i;
      values[to++] = value;
    }
  }
  return { positions: positions.subarray(0, to), values: values.subarray(0, to) };
}

/** How many weights are not zero. */
export function nonZeroCount(stored: StoredTensor): number {
  if (stored.kind === 'sparse') return stored.values.length;
  let count = 0;
  if (stored.kind === 'shared') {
    const { codebook, index } = stored;
    if (!codebook.includes(0)) return index.length;
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
}

const mostClusters = 256;

/** Whether its codebook and indices are a palette as they are. */
export const isPalette = (stored: StoredTensor): stored is Plain => isPlain(stored) && stored.codebook.length <= mostClusters;

/** Undefined where there are more than 256 values. */
export function paletteOf(stored: StoredTensor, kept: () => NonZeros): Palette | undefined {
  if (isPalette(stored)) return { codebook: stored.codebook, clusters: new Uint8Array(stored.index) };
  const { values } = kept();
  const names = new Map<number, number>();
  const clusters = new Uint8Array(values.length);
  for (let i = 0; i < clusters.length; i++) {
    const value = values[i]!;
    let cluster = names.get(value);
    if (cluster === undefined) {
      if (names.size === mostClusters) return undefined;
      cluster = names.size;
      names.set(value, cluster);
    }
    clusters[i] = cluster;
  }
  return { codebook: Float32Array.from(names.keys()), clusters };
}
