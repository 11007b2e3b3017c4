/**
 * Tensors sections: a byte says how the records in it are coded, a count how many they are. Each under a coder of symbols of its own, or
 * all in one mix stream, in which they learn from each other.
 */
import { type ByteReader, ByteWriter } from '../codec/bytes.js';
import type { SymbolCoder } from '../codec/coder.js';
import { coderOf } from '../codec/coders.js';
import type { Engine } from '../codec/engine/engine.js';
import { mixDecoder, mixEncoder } from '../codec/mix.js';
import { PithError } from '../errors.js';
import { byteSize } from '../tensor.js';
import type { Declaration } from './fields.js';
import { forms } from './records/list.js';
import { type Account, type MixOptions, type RecordForm, slots } from './records/record.js';
import type { Parts, TensorSize } from './sizes.js';
import { keptOf, type StoredTensor } from './stored.js';

/** A tensor and where it is declared. */
export interface Gathered {
  readonly declared: Declaration;
  readonly stored: StoredTensor;
}

export interface EncodedSection {
  readonly bytes: Uint8Array;
  readonly sizes: readonly TensorSize[];
}

export interface DecodedTensor {
  readonly stored: StoredTensor;
  readonly size: TensorSize;
}

const ofSymbols = 0;
const ofMix = 1;
/** Each record with that of the coders which makes it smallest. */
export function writeSymbols(tensors: readonly Gathered[], coders: readonly SymbolCoder[]): EncodedSection {
  const out = new ByteWriter();
  out.u8(ofSymbols);
  out.varint(tensors.length);
  const sizes = tensors.map(({ declared, stored }) => {
    const form: RecordForm = forms[stored.kind];
    const trials = coders.map((coder) => {
      const bytes = new ByteWriter();
      bytes.u8(form.code + 16 * coder.id);
      const account = form.write(bytes, declared, stored, coder);
      return { coder, bytes, account };
    });
    const best = trials.reduce((a, b) => (b.bytes.length < a.bytes.length ? b : a));
    out.bytes(best.bytes.done());
    return sizeOfRecord(declared, stored, best.coder.name, best.bytes.length, best.account);
  });
  return { bytes: out.done().slice(), sizes };
}

/** All in one stream. */
export function writeMix(tensors: readonly Gathered[], options: MixOptions = { scarce: false }): EncodedSection {
  const mix = mixEncoder();
  const sizes = tensors.map(({ declared, stored }) => {
    const form: RecordForm = forms[stored.kind];
    const start = mix.position;
    mix.number(form.code, slots.parametrization);
    const account = form.mix(mix, declared, stored, options);
    return sizeOfRecord(declared, stored, 'mix', (mix.position - start) / 8, account);
  });
  const out = new ByteWriter();
  out.u8(ofMix);
  out.varint(tensors.length);
  out.bytes(mix.finish());
  return { bytes: out.done().slice(), sizes };
}

/** How many tensors a section holds. Throws `input.pith-*`. */
export function countOf(from: ByteReader): number {
  from.u8();
  return from.varint();
}

/** Throws `input.pith-*` or `unsupported.pith-*`, naming the tensor. */
export function readSection(from: ByteReader, declared: readonly Declaration[], engine: Engine): DecodedTensor[] {
  const form = from.u8();
  if (form > ofMix) from.refuse('a form of section that exists', String(form));
  from.varint();
  const tensors = form === ofMix ? readMix(from, declared) : declared.map((one) => named(one, () => readRecord(from, one, engine)));
  if (from.left > 0) from.refuse('the end of the section', `${from.left} bytes more`);
  return tensors;
}

function readRecord(from: ByteReader, declared: Declaration, engine: Engine): DecodedTensor {
  const start = from.at;
  const head = from.u8();
  const coder = coderOf(head >> 4);
  const { stored, account } = formOf(head & 15).read(from, declared, coder, engine);
  return { stored, size: sizeOfRecord(declared, stored, coder.name, from.at - start, account) };
}

function readMix(from: ByteReader, declared: readonly Declaration[]): DecodedTensor[] {
  const mix = mixDecoder(from.bytes(from.left));
  const tensors = declared.map((one) =>
    named(one, () => {
      const start = mix.position;
      const { stored, account } = formOf(mix.number(slots.parametrization)).unmix(mix, one);
      return { stored, size: sizeOfRecord(one, stored, 'mix', (mix.position - start) / 8, account) };
    }),
  );
  mix.end();
  return tensors;
}

function named<T>({ name }: Declaration, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof PithError ? error.within({ section: 'tensors', tensor: name }) : error;
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

function sizeOfRecord(declared: Declaration, stored: StoredTensor, coder: string, bytes: number, account: Account): TensorSize {
  return {
    name: declared.name,
    dims: declared.dims,
    parametrization: stored.kind,
    coder,
    kept: keptOf(stored),
    entries: account.entries,
    gapBits: account.gapBits,
    bytes,
    parts: partsOf(account.positions, account.values, account.codebook, account.tables, bytes),
    uncoded: partsOf(account.entries * account.gapBits, account.entries * account.valueBits, account.codebookBits, 0),
    denseBytes: byteSize(declared.dtype, declared.dims),
  };
}

function partsOf(positions: number, values: number, codebook: number, tables: number, bytes?: number): Parts {
  const rest = bytes === undefined ? 0 : bytes - (positions + values + codebook + tables) / 8;
  return { positions: positions / 8, values: values / 8, codebook: codebook / 8, tables: tables / 8, rest };
}

/** A tensor that is another one again takes no bytes of its own. */
export function sizeOfRepeat(size: TensorSize, { name, dims }: Declaration): TensorSize {
  return { ...size, name, dims, coder: 'repeat', bytes: 0, parts: partsOf(0, 0, 0, 0, 0) };
}
