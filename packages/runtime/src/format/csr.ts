/** Bytes of the compressed sparse row and column forms, for the tables that set them beside relative indices. Nothing is stored so. */
import { sizeOf } from '../tensor.js';

export interface SparseFormOptions {
  /** The first dimension counts the rows, all others together the columns. */
  readonly dims: readonly number[];
  readonly nonZeros: number;
  /** Bits of one value; 32 unless said. */
  readonly valueBits?: number;
  /** Bits of one column (CSR) or row (CSC) index; as many as their number needs unless said. */
  readonly indexBits?: number;
  /** Bits of one pointer to the start of a row or column; 32 unless said. */
  readonly pointerBits?: number;
}

const bitsFor = (n: number): number => Math.max(1, Math.ceil(Math.log2(Math.max(1, n))));

function bytes(options: SparseFormOptions, majors: number, minors: number): number {
  const { nonZeros, valueBits = 32, indexBits = bitsFor(minors), pointerBits = 32 } = options;
  return Math.ceil((nonZeros * (valueBits + indexBits) + (majors + 1) * pointerBits) / 8);
}

const rowsOf = (dims: readonly number[]): number => dims[0] ?? 1;
const columnsOf = (dims: readonly number[]): number => sizeOf(dims.slice(1));

export const csrBytes = (options: SparseFormOptions): number => bytes(options, rowsOf(options.dims), columnsOf(options.dims));
export const cscBytes = (options: SparseFormOptions): number => bytes(options, columnsOf(options.dims), rowsOf(options.dims));
