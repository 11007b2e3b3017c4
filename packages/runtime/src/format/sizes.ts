/** Where the bytes of a file went. The writer and the reader give the same account. */
import { nameOf } from './frame.js';
import type { StoredTensor } from './stored.js';

/** Bytes, in eighths: parts of a tensor share bytes. */
export interface Parts {
  /** Relative indices. */
  readonly positions: number;
  /** Cluster indices, or the values themselves. */
  readonly values: number;
  readonly codebook: number;
  /** Descriptions of codes. */
  readonly tables: number;
  /** Form, coder, counts, filling bits. */
  readonly rest: number;
}

export interface TensorSize {
  readonly name: string;
  readonly dims: readonly number[];
  readonly parametrization: StoredTensor['kind'];
  /** The name of a coder, `mix`, or `repeat` for a tensor that is another one again. */
  readonly coder: string;
  /** Kept weights. */
  readonly kept: number;
  /** Stored entries: kept weights and filler zeros. */
  readonly entries: number;
  /** Bits of one relative index; 0 where there are none. */
  readonly gapBits: number;
  /** In the file. */
  readonly bytes: number;
  readonly parts: Parts;
  /** In the same form with numbers of fixed width: what the coder began with. */
  readonly uncoded: Parts;
  /** As a dense tensor. */
  readonly denseBytes: number;
}

export interface SectionSize {
  /** `words`: metadata and graph in one, as small files have them. */
  readonly kind: 'header' | 'metadata' | 'graph' | 'tensors' | 'words' | 'unknown';
  readonly bytes: number;
}

export interface PithReport {
  /** The whole file. */
  readonly bytes: number;
  /** Hash of the whole file, as its header has it, in hexadecimal. */
  readonly root: string;
  /** In file order; they add up to the whole file. */
  readonly sections: readonly SectionSize[];
  readonly tensors: readonly TensorSize[];
}

export function reportOf(
  fileBytes: number,
  root: string,
  sections: readonly { readonly kind: number; readonly length: number }[],
  tensors: readonly TensorSize[],
): PithReport {
  const parts = sections.map(({ kind, length }) => ({ kind: nameOf(kind), bytes: length }));
  const header = fileBytes - parts.reduce((sum, part) => sum + part.bytes, 0);
  return { bytes: fileBytes, root, sections: [{ kind: 'header', bytes: header }, ...parts], tensors };
}
