/**
 * Records of a tensors section: one for each declared tensor, in their order. A byte names the parametrization (low half) and the coder
 * (high half); counts follow as varints, then one string of bits, filled up to a byte.
 */
import { type ByteReader, ByteWriter } from '../codec/bytes.js';
import { coderOf, coders } from '../codec/coders.js';
import { PithError } from '../errors.js';
import { byteSize } from '../tensor.js';
import type { Declaration } from './fields.js';
import { forms } from './records/list.js';
import type { Account, RecordForm } from './records/record.js';
import type { Parts, TensorSize } from './sizes.js';
import { keptOf, type StoredTensor } from './stored.js';

function sizes(declared: Declaration, stored: StoredTensor, coder: string, bytes: number, account: Account): TensorSize {
  const parts = partsOf(account.positions, account.values, account.codebook, account.tables, bytes);
  const positions = account.entries * account.gapBits;
  return {
    name: declared.name,
    dims: declared.dims,
    parametrization: stored.kind,
    coder,
    kept: keptOf(stored),
    entries: account.entries,
    gapBits: account.gapBits,
    bytes,
    parts,
    uncoded: partsOf(positions, account.entries * account.valueBits, account.codebookBits, 0),
    denseBytes: byteSize(declared.dtype, declared.dims),
  };
}

function partsOf(positions: number, values: number, codebook: number, tables: number, bytes?: number): Parts {
  const rest = bytes === undefined ? 0 : bytes - (positions + values + codebook + tables) / 8;
  return { positions: positions / 8, values: values / 8, codebook: codebook / 8, tables: tables / 8, rest };
}

/** Writes a record with the coder that makes it smallest. */
export function writeTensorRecord(out: ByteWriter, declared: Declaration, stored: StoredTensor): TensorSize {
  const form: RecordForm = forms[stored.kind];
  const trials = coders.map((coder) => {
    const bytes = new ByteWriter();
    bytes.u8(form.code + 16 * coder.id);
    const account = form.write(bytes, declared, stored, coder);
    return { coder, bytes, account };
  });
  const best = trials.reduce((a, b) => (b.bytes.length < a.bytes.length ? b : a));
  out.bytes(best.bytes.done());
  return sizes(declared, stored, best.coder.name, best.bytes.length, best.account);
}

export interface TensorRecord {
  readonly stored: StoredTensor;
  readonly size: TensorSize;
}

/** Throws `input.pith-*` or `unsupported.pith-*`, naming the tensor. */
export function readTensorRecord(from: ByteReader, declared: Declaration): TensorRecord {
  try {
    const start = from.at;
    const head = from.u8();
    const coder = coderOf(head >> 4);
    const { stored, account } = formOf(head & 15).read(from, declared, coder);
    return { stored, size: sizes(declared, stored, coder.name, from.at - start, account) };
  } catch (error) {
    throw error instanceof PithError ? error.within({ section: 'tensors', tensor: declared.name }) : error;
  }
}

function formOf(code: number): RecordForm {
  const found = Object.values(forms).find((form) => form.code === code);
  if (found) return found;
  throw new PithError('unsupported.pith-parametrization', {
    expected: `one of ${Object.entries(forms)
      .map(([kind, form]) => `${form.code} (${kind})`)
      .join(', ')}`,
    got: String(code),
    fix: 'the file was made by a newer version: update pith-runtime',
  });
}
