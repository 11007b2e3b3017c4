/**
 * What a parametrization owes to the tensors sections: its record under a symbol coder, encode and decode side by side. Adding one is a
 * file here and a line in list.ts.
 */
import type { ByteReader, ByteWriter } from '../../codec/bytes.js';
import type { SymbolCoder } from '../../codec/coder.js';
import type { Declaration } from '../fields.js';
import type { StoredTensor } from '../stored.js';

/** What a record says beside the tensor itself. Numbers of bits, where nothing else is said. */
export interface Account {
  readonly positions: number;
  readonly values: number;
  readonly codebook: number;
  readonly tables: number;
  /** How many. */
  readonly entries: number;
  readonly gapBits: number;
  /** Of one value in fixed width. */
  readonly valueBits: number;
  readonly codebookBits: number;
}

export interface Read<S extends StoredTensor = StoredTensor> {
  readonly stored: S;
  readonly account: Account;
}

export interface RecordForm<S extends StoredTensor = StoredTensor> {
  /** Stands in files: it never changes. 15 is kept for a longer code. */
  readonly code: number;
  /** Writes counts and bits. */
  write(out: ByteWriter, declared: Declaration, stored: S, coder: SymbolCoder): Account;
  /** Throws `input.pith-*`. Allocates for what the bits that are left can hold, or for the declared tensor. */
  read(from: ByteReader, declared: Declaration, coder: SymbolCoder): Read<S>;
}
