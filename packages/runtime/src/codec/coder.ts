/**
 * What a coder owes: it turns a sequence of whole numbers below `alphabet`, at most 65,536, into bits and back. It knows nothing of
 * tensors. Its id stands in files, so it never changes; ids 0 … 15 exist.
 */
import type { BitReader, BitWriter } from './bits.js';

export type Symbols = Uint8Array | Uint16Array | Uint32Array;

/** Bits that a sequence took: what describes the code, and the coded symbols themselves. */
export interface CodedBits {
  readonly table: number;
  readonly data: number;
}

/** A sequence whose table has been read. It was checked that the bits left can hold it, so it may be allocated. */
export interface SymbolSource {
  readonly tableBits: number;
  /** Writes the symbols to `into[offset]`, `into[offset + stride]`, …; returns the bits they took. */
  read(into: Symbols, offset?: number, stride?: number): number;
}

export interface SymbolCoder {
  readonly id: number;
  readonly name: string;
  encode(symbols: Symbols, alphabet: number, out: BitWriter): CodedBits;
  /** Throws `input.pith-code` or `input.pith-truncated`. */
  open(from: BitReader, count: number, alphabet: number): SymbolSource;
}

/** Bits of a fixed-width number below `alphabet`. */
export const widthOf = (alphabet: number): number => (alphabet <= 1 ? 0 : 32 - Math.clz32(alphabet - 1));
