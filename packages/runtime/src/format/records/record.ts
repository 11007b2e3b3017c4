/**
 * What a parametrization owes to the tensors sections: its record under a symbol coder and its place in a mix stream, encode and decode
 * side by side. Adding one is a file here and a line in list.ts.
 */
import type { ByteReader, ByteWriter } from '../../codec/bytes.js';
import type { SymbolCoder } from '../../codec/coder.js';
import type { Engine } from '../../codec/engine/engine.js';
import type { MixDecoder, MixEncoder } from '../../codec/mix.js';
import { PithError } from '../../errors.js';
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

export interface MixOptions {
  /** Levels that are mostly zero go to the model for such. */
  readonly scarce: boolean;
}

export interface RecordForm<S extends StoredTensor = StoredTensor> {
  /** Stands in files: it never changes. 15 is kept for a longer code. */
  readonly code: number;
  /** Writes counts and bits. */
  write(out: ByteWriter, declared: Declaration, stored: S, coder: SymbolCoder): Account;
  /** Throws `input.pith-*`. Allocates for what the bits that are left can hold, or for the declared tensor. */
  read(from: ByteReader, declared: Declaration, coder: SymbolCoder, engine: Engine): Read<S>;
  /** Codes all of it. */
  mix(to: MixEncoder, declared: Declaration, stored: S, options: MixOptions): Account;
  /** Throws `input.pith-*`. */
  unmix(from: MixDecoder, declared: Declaration): Read<S>;
}

/** Numbers of a mix stream that learn together. */
export const slots = {
  parametrization: 0,
  /** Dense: whether all elements are equal, and the bytes of that one. */
  constant: 1,
  constantByte: 2,
  /** Sparse and shared: which weights are kept. */
  kept: 3,
  gapBits: 4,
  clusters: 5,
  /** Uniform. */
  flags: 6,
  view: 7,
  step: 8,
  rowStep: 9,
  columnStep: 10,
} as const;

/** Bits that a part of a mix stream takes. */
export function bitsTaken(stream: MixEncoder | MixDecoder, body: () => void): number {
  const before = stream.position;
  body();
  return stream.position - before;
}

/** Throws `input.pith-value` for what a mix stream says. */
export function refuse(expected: string, got: string): never {
  throw new PithError('input.pith-value', { expected, got });
}
