/**
 * Tensors sections as jobs: plain data in, plain data out, each section by itself, so that they can be coded on any thread, and come out
 * the same on any number of them.
 */
import { ByteReader } from '../codec/bytes.js';
import { huffman } from '../codec/huffman.js';
import { raw } from '../codec/raw.js';
import { PithError } from '../errors.js';
import { sizeOf } from '../tensor.js';
import type { Declaration } from './fields.js';
import type { StoredTensor } from './stored.js';
import { countOf, type DecodedTensor, type EncodedSection, type Gathered, readSection, writeMix, writeSymbols } from './tensors.js';

/** Each way to code a section, and the coders of symbols that it tries for each record. */
const symbolCoders = { huffman: [raw, huffman], raw: [raw] } as const;
export type CoderChoice = keyof typeof symbolCoders | 'mix' | 'smallest';
export const coderChoices: readonly CoderChoice[] = ['huffman', 'mix', 'raw', 'smallest'];

export interface EncodeJob {
  readonly kind: 'encode';
  readonly tensors: readonly Gathered[];
  readonly coder: CoderChoice;
}

export interface DecodeJob {
  readonly kind: 'decode';
  /** The whole section, and the byte of the file at which it starts. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly declared: readonly Declaration[];
}

export type SectionJob = EncodeJob | DecodeJob;
export type SectionResult<J extends SectionJob> = J extends EncodeJob ? EncodedSection : readonly DecodedTensor[];

/** Does what a job asks, on this thread. Throws `input.pith-*` or `unsupported.pith-*` for a section that is wrong. */
export function runSectionJob<J extends SectionJob>(job: J): SectionResult<J>;
export function runSectionJob(job: SectionJob): EncodedSection | readonly DecodedTensor[] {
  return job.kind === 'encode' ? encode(job) : decode(job);
}

/** Somebody who runs jobs elsewhere, several at a time. Errors of a job come back as they were thrown. */
export interface SectionHost {
  run<J extends SectionJob>(job: J): Promise<SectionResult<J>>;
}

function encode({ tensors, coder }: EncodeJob): EncodedSection {
  if (coder === 'mix') return writeMix(tensors);
  if (coder !== 'smallest') return writeSymbols(tensors, symbolCoders[coder]);
  const [mix, symbols] = [writeMix(tensors), writeSymbols(tensors, symbolCoders.huffman)];
  return mix.bytes.length < symbols.bytes.length ? mix : symbols;
}

function decode({ bytes, start, declared }: DecodeJob): DecodedTensor[] {
  return placed(start, () => readSection(new ByteReader(bytes), declared));
}

/** The job that reads this section, given the tensors whose contents have not come yet. Throws `input.pith-value` where those are fewer. */
export function decodeJob(bytes: Uint8Array, start: number, left: readonly Declaration[]): DecodeJob {
  const count = placed(start, () => {
    const from = new ByteReader(bytes);
    const count = countOf(from);
    if (count === 0 || count > left.length) from.refuse(`1 … ${left.length} tensors`, String(count));
    return count;
  });
  return { kind: 'decode', bytes, start, declared: left.slice(0, count) };
}

/** Places inside the section become places in the file. */
function placed<T>(start: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    const { at } = error.detail;
    const byte = start + (at?.byte ?? 0);
    throw new PithError(error.code, { ...error.detail, at: { section: 'tensors', ...at, byte } }, { cause: error.cause });
  }
}

/** A section ends with the tensor that fills it to this; a tensor as large as this starts a section of its own, unless little is before it. */
const elementsOfSection = 1 << 22;
const little = 1 << 20;

/** Neighbours share a section, so that small tensors learn from each other; sections are what is coded in parallel and read in pieces. */
export function groupTensors(tensors: readonly Gathered[]): Gathered[][] {
  const groups: Gathered[][] = [];
  let group: Gathered[] = [];
  let elements = 0;
  const close = (): void => {
    if (group.length > 0) groups.push(group);
    group = [];
    elements = 0;
  };
  for (const tensor of tensors) {
    const size = sizeOf(tensor.declared.dims);
    if (size >= elementsOfSection && elements > little) close();
    group.push(tensor);
    elements += size;
    if (elements >= elementsOfSection) close();
  }
  close();
  return groups;
}

/** The arrays of stored tensors that may be handed to another thread instead of copied: those that fill their buffers. */
export function transferable(stored: StoredTensor): ArrayBuffer[] {
  const views =
    stored.kind === 'dense'
      ? [stored.tensor.data]
      : Object.values(stored).filter((value): value is ArrayBufferView => ArrayBuffer.isView(value));
  const buffers = views
    .filter(({ buffer, byteLength }) => buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    .map(({ buffer }) => buffer as ArrayBuffer);
  return [...new Set(buffers)];
}
