/**
 * Tensors sections as jobs: plain data in, plain data out, each section by itself, so that they can be coded on any thread, and come out
 * the same on any number of them.
 */
import { ByteReader } from '../codec/bytes.js';
import { coders } from '../codec/coders.js';
import { type Engine, engineFor } from '../codec/engine/engine.js';
import { huffman } from '../codec/huffman.js';
import { rans } from '../codec/rans.js';
import { raw } from '../codec/raw.js';
import { PithError } from '../errors.js';
import { sizeOf } from '../tensor.js';
import type { Declaration } from './fields.js';
import { isScarce } from './records/uniform.js';
import { countOf, type DecodedTensor, type EncodedSection, type Gathered, readSection, writeMix, writeSymbols } from './tensors.js';

/** Each way to code a section, and the coders of symbols that it tries for each record. */
const symbolCoders = { huffman: [raw, huffman], rans: [raw, rans], raw: [raw], smallest: coders } as const;
export type CoderChoice = keyof typeof symbolCoders | 'mix';
export const coderChoices: readonly CoderChoice[] = ['huffman', 'mix', 'rans', 'raw', 'smallest'];

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
  return job.kind === 'encode' ? encode(job) : decodeSection(job, engineFor(job.bytes.length));
}

/** Somebody who runs jobs elsewhere, several at a time. Errors of a job come back as they were thrown. */
export interface SectionHost {
  run<J extends SectionJob>(job: J): Promise<SectionResult<J>>;
}

function encode({ tensors, coder }: EncodeJob): EncodedSection {
  if (coder === 'mix') return smallestMix(tensors);
  const symbols = writeSymbols(tensors, symbolCoders[coder]);
  if (coder !== 'smallest') return symbols;
  return smaller(smallestMix(tensors), symbols);
}

/** Sections of more elements are not coded a second time to see whether they are scarce. */
const mostTried = 1 << 20;

function smallestMix(tensors: readonly Gathered[]): EncodedSection {
  const plain = writeMix(tensors);
  const elements = tensors.reduce((sum, { declared }) => sum + sizeOf(declared.dims), 0);
  if (elements > mostTried || !tensors.some(({ stored }) => isScarce(stored))) return plain;
  return smaller(writeMix(tensors, { scarce: true }), plain);
}

const smaller = (a: EncodedSection, b: EncodedSection): EncodedSection => (a.bytes.length < b.bytes.length ? a : b);

/** Throws `input.pith-*`, `unsupported.pith-*`. */
export function decodeSection({ bytes, start, declared }: DecodeJob, engine: Engine): DecodedTensor[] {
  try {
    return placed(start, () => readSection(new ByteReader(bytes.subarray()), declared, engine));
  } finally {
    engine.letGo();
  }
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

/** A job or its result with its arrays in buffers of their own, which can be handed to another thread instead of copied there. */
export interface Parcel<T> {
  readonly value: T;
  readonly buffers: ArrayBuffer[];
}

/** `keep`: the sender goes on using its arrays. Otherwise those that fill their buffers are given away. */
export function parcelOf<T extends SectionJob | SectionResult<SectionJob>>(value: T, { keep }: { readonly keep: boolean }): Parcel<T> {
  const buffers = new Set<ArrayBuffer>();
  const pack = (part: unknown): unknown => {
    if (ArrayBuffer.isView(part)) {
      const array = part as Uint8Array;
      const own = keep || array.byteLength < array.buffer.byteLength ? array.slice() : array;
      buffers.add(own.buffer as ArrayBuffer);
      return own;
    }
    if (Array.isArray(part)) return part.map(pack);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, pack(inner)]));
  };
  return { value: pack(value) as T, buffers: [...buffers] };
}
