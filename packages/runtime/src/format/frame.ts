/**
 * The frame of a .pith file: signature, version, header with the table of sections, root hash, the sections. The header holds a digest of
 * each section and ends with its own, the root, which therefore names the whole file; in a small file the root is the one digest, of all
 * other bytes. Sections follow without a gap, in the order in which they are decoded, and end with the file.
 */
import { ByteReader, ByteWriter } from '../codec/bytes.js';
import { sha256 } from '../codec/sha256.js';
import { PithError } from '../errors.js';
import { type Limits, within } from './limits.js';

/** A byte that is no text, then "PTH". */
const magic = [0x89, 0x50, 0x54, 0x48];
const version = 1;
/** Kinds of sections; unknown ones from `optional` on are passed over, unknown ones below are refused. */
export const sectionKinds = { metadata: 1, graph: 2, tensors: 3, words: 4 } as const;
const optional = 128;
const mostSections = 100_000;
/** Bytes of a header: more than the sections need that may be. */
const longestHeader = 1 << 22;
/** Feature: the root is the only digest. */
const oneDigest = 1;
/** Feature, with that: no table but the lengths of sections, the first of words, the others of tensors; what they decode to they say. */
const onlyLengths = 2;
/**
 * Bytes of the largest file with one digest. So few come in a few packets, and their weights are one section, which cannot be decoded
 * before it is there, nearly the whole file: digests of sections would tell nothing earlier, and they are 2 % of a file of 2 kB.
 */
export const smallFile = 1 << 16;
/** SHA-256 cut to 128 bits: nobody makes another section for a given digest. */
const digestLength = 16;
/** Of these bytes, one after the other. */
const digestOf = (...parts: readonly Uint8Array[]): Uint8Array => sha256(parts).subarray(0, digestLength);
const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

export interface Section {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** With the byte of the file at which it starts. */
export interface PlacedSection extends Section {
  readonly start: number;
}

/** A line of the table. */
export interface Entry {
  readonly kind: number;
  readonly length: number;
  /** Empty where the root stands for the section. */
  readonly digest: Uint8Array;
}

export interface Header {
  /** Bytes of tensors in dense form, of graph and of metadata, if it says so. */
  readonly decodedBytes: number | undefined;
  readonly entries: readonly Entry[];
  /** Names the whole file, in hexadecimal. */
  readonly root: string;
  /** From the start of the file to the first section. */
  readonly bytes: number;
}

/** With the root. `digests`: `one` is what small files have; a larger one gets one for each section all the same. */
export function writeFrame(
  decodedBytes: number,
  sections: readonly Section[],
  digests: 'one' | 'each' = 'one',
): { bytes: Uint8Array; root: string } {
  const one = digests === 'one';
  const bare = one && sections.every(({ kind }, i) => kind === bareKind(i));
  const table = new ByteWriter();
  table.varint(one ? oneDigest + (bare ? onlyLengths : 0) : 0);
  if (!bare) {
    table.varint(decodedBytes);
    table.varint(sections.length);
  }
  for (const { kind, bytes } of sections) {
    if (!bare) table.varint(kind);
    table.varint(bytes.length);
    if (!one) table.bytes(digestOf(bytes));
  }
  const out = new ByteWriter();
  for (const byte of magic) out.u8(byte);
  out.u8(version);
  out.blob(table.done());
  const contents = sections.map(({ bytes }) => bytes);
  const length = contents.reduce((sum, bytes) => sum + bytes.length, out.length + digestLength);
  if (one && length > smallFile) return writeFrame(decodedBytes, sections, 'each');
  const root = digestOf(out.done(), ...(one ? contents : []));
  out.bytes(root);
  for (const bytes of contents) out.bytes(bytes);
  return { bytes: out.done().slice(), root: hex(root, '') };
}

/**
 * The header of a file of which only the beginning may be there: the header, or how many bytes it takes to say more, which with one digest
 * is all of the file. `ended`: nothing comes after these. Throws `input.pith-*`, `unsupported.pith-*`, `limit.decoded-bytes`.
 */
export function readHeader(file: Uint8Array, limits: Limits, ended: boolean): Header | number {
  const start = magic.length + 1;
  if (file.length < start && !ended) return start;
  const wanted = checkStart(file, ended);
  if (wanted > file.length) return wanted;
  const from = new ByteReader(file, start);
  // a number that is too long is known by its ninth byte
  const varintEnds = file.subarray(start, start + 9).some((byte) => byte < 128);
  if (!varintEnds && from.left < 9 && !ended) return file.length + 1;
  const length = from.varint();
  if (length > longestHeader) from.refuse(`a header of at most ${longestHeader} bytes`, String(length));
  const end = from.at + length;
  if (file.length < end + digestLength && !ended) return end + digestLength;
  from.need(length + digestLength);
  const bytes = end + digestLength;
  const root = file.subarray(end, bytes);
  const head = file.subarray(0, end);
  const table = new ByteReader(file, from.at, end);
  const features = readFeatures(table);
  const one = features > 0;
  if (one) checkSmall(table, bytes);
  if (!one && !same(root, digestOf(head))) damaged('header', undefined);
  const { decodedBytes, entries } = features > oneDigest ? readLengths(table) : readTable(table, one ? 0 : digestLength);
  if (one) {
    const total = entries.reduce((sum, { length }) => sum + length, bytes);
    checkSmall(table, total);
    if (file.length < total && !ended) return total;
    new ByteReader(file, bytes).need(total - bytes);
    if (!same(root, digestOf(head, file.subarray(bytes, total)))) damaged('file', undefined);
  }
  checkKinds(entries);
  within(limits, 'maxDecodedBytes', decodedBytes ?? 0);
  return { decodedBytes, entries, root: hex(root, ''), bytes };
}

/** Throws `input.pith-checksum` where these are not the bytes that the table names. */
export function checkSection({ kind, digest }: Entry, bytes: Uint8Array, start: number): PlacedSection {
  if (digest.length > 0 && !same(digest, digestOf(bytes))) damaged(nameOf(kind), start);
  return { kind, start, bytes };
}

/** Looked at before any digest: features say what is digested. */
function readFeatures(from: ByteReader): number {
  const features = from.varint();
  if (features > oneDigest && features !== oneDigest + onlyLengths)
    throw new PithError('unsupported.pith-features', {
      at: { section: 'header' },
      expected: `no features but ${oneDigest} and ${onlyLengths}`,
      got: String(features),
      fix: 'the file was made by a newer version, or is damaged: update pith-runtime',
    });
  return features;
}

function checkSmall(from: ByteReader, length: number): void {
  if (length > smallFile) from.refuse(`a file of at most ${smallFile} bytes, as it has one digest`, String(length));
}

type Table = Pick<Header, 'decodedBytes' | 'entries'>;
const bareKind = (i: number): number => (i === 0 ? sectionKinds.words : sectionKinds.tensors);

function readLengths(from: ByteReader): Table {
  const entries: Entry[] = [];
  while (from.left > 0) entries.push({ kind: bareKind(entries.length), length: from.varint(), digest: new Uint8Array(0) });
  return { decodedBytes: undefined, entries };
}

function readTable(from: ByteReader, digestLength: number): Table {
  const decodedBytes = from.varint();
  const count = from.count(2 + digestLength);
  if (count > mostSections) from.refuse(`at most ${mostSections} sections`, String(count));
  const entries = Array.from({ length: count }, () => ({
    kind: from.varint(),
    length: from.varint(),
    digest: from.bytes(digestLength).slice(),
  }));
  if (from.left > 0) from.refuse('the end of the header', `${from.left} bytes more`);
  return { decodedBytes, entries };
}

/** None unknown that must not be; metadata (at most once) and graph (once) or both in one, tensors. Throws `unsupported.pith-section`, `input.pith-order`. */
function checkKinds(entries: readonly Entry[]): void {
  for (const { kind } of entries)
    if (kind < optional && nameOf(kind) === 'unknown')
      throw new PithError('unsupported.pith-section', {
        at: { section: 'header' },
        expected: `a section of kind ${Object.values(sectionKinds).join(', ')}`,
        got: String(kind),
        fix: 'the file was made by a newer version: update pith-runtime',
      });
  const kinds = entries.map(({ kind }) => nameOf(kind)).filter((name) => name !== 'unknown');
  if (!/^((metadata )?graph|words)( tensors)*$/.test(kinds.join(' ')))
    throw new PithError('input.pith-order', {
      at: { section: 'header' },
      expected: 'metadata once or not at all, the graph once, or both as words, then tensors',
      got: kinds.join(', ') || 'none of them',
    });
}

export function nameOf(kind: number): keyof typeof sectionKinds | 'unknown' {
  for (const [name, code] of Object.entries(sectionKinds)) if (code === kind) return name as keyof typeof sectionKinds;
  return 'unknown';
}

/** Signature and version. Gives the number of bytes that it takes to say what is wrong, 0 where nothing is. */
function checkStart(file: Uint8Array, ended: boolean): number {
  if (file.length === 0)
    throw new PithError('input.pith-empty', { expected: 'a .pith file', got: 'no bytes', fix: 'fetch the file again' });
  const wrong = magic.findIndex((byte, i) => file[i] !== byte);
  if (wrong >= file.length) new ByteReader(file).need(magic.length + 1);
  if (wrong >= 0) {
    const telling = 64;
    if (file.length < telling && !ended) return telling;
    const start = new TextDecoder().decode(file.subarray(0, telling)).trimStart();
    if (/^<(!doctype|html|\?xml|head|body)/i.test(start))
      throw new PithError('input.pith-html', {
        expected: 'a .pith file',
        got: 'a web page',
        fix: 'look at the address: a server that finds no file often answers with a page',
      });
    throw new PithError('input.pith-magic', {
      expected: `a .pith file, which starts with the bytes ${hex(magic, ' ')}`,
      got: hex(file.subarray(0, magic.length), ' '),
    });
  }
  if (file.length === magic.length) new ByteReader(file, magic.length).need(1);
  if (file[magic.length] !== version)
    throw new PithError('unsupported.pith-version', {
      expected: `.pith version ${version}`,
      got: `version ${file[magic.length]}`,
      fix: 'the file was made by a newer version, or is damaged: update pith-runtime',
    });
  return 0;
}

export const hex = (bytes: ArrayLike<number>, between: string): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(between);

function damaged(section: string, byte: number | undefined): never {
  throw new PithError('input.pith-checksum', {
    at: { section, ...(byte !== undefined && { byte }) },
    expected: 'the digest that was written',
    got: 'another one',
    fix: 'the file is damaged: fetch it again',
  });
}
