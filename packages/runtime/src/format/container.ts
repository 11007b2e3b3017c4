/**
 * The frame of a .pith file: signature, version, header with the table of sections, the sections. The header holds the checksum of each
 * section and ends with its own, which therefore stands for the whole file. Sections follow without a gap and end with the file.
 */
import { ByteReader, ByteWriter } from '../codec/bytes.js';
import { crc32 } from '../codec/crc32.js';
import { decodeText, encodeText, longestText } from '../codec/text.js';
import { PithError, type Place } from '../errors.js';
import { type Limits, within } from './limits.js';

/** A byte that is no text, then "PTH". */
const magic = [0x89, 0x50, 0x54, 0x48];
const version = 1;
/** Kinds of sections; unknown ones from `optional` on are passed over, unknown ones below are refused. */
export const sectionKinds = { metadata: 1, graph: 2, tensors: 3 } as const;
const optional = 128;
const mostSections = 100_000;

export interface Section {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** With the byte of the file at which it starts. */
export interface PlacedSection extends Section {
  readonly start: number;
}

export interface Container {
  /** Bytes of tensors in dense form, of graph and of metadata. */
  readonly decodedBytes: number;
  readonly sections: readonly PlacedSection[];
}

export function writeContainer(decodedBytes: number, sections: readonly Section[]): Uint8Array {
  const table = new ByteWriter();
  table.varint(0); // features: none yet
  table.varint(decodedBytes);
  table.varint(sections.length);
  for (const { kind, bytes } of sections) {
    table.varint(kind);
    table.varint(bytes.length);
    table.u32(crc32(bytes));
  }
  const out = new ByteWriter();
  for (const byte of magic) out.u8(byte);
  out.u8(version);
  out.blob(table.done());
  out.u32(crc32(out.done()));
  for (const { bytes } of sections) out.bytes(bytes);
  return out.done().slice();
}

/**
 * Checks everything that the header says, the checksum of each section included.
 * Throws `input.pith-*`, `unsupported.pith-*`, `limit.decoded-bytes`.
 */
export function readContainer(file: Uint8Array, limits: Limits): Container {
  checkStart(file);
  const from = new ByteReader(file, magic.length + 1);
  const length = from.varint();
  const tableStart = from.at;
  from.bytes(length);
  const checked = file.subarray(0, from.at);
  const sum = from.u32();
  if (crc32(checked) !== sum) damaged({ section: 'header' });
  const { decodedBytes, entries } = readTable(new ByteReader(file, tableStart, tableStart + length));
  within(limits, 'maxDecodedBytes', decodedBytes);

  const total = entries.reduce((all, entry) => all + entry.length, 0);
  from.need(total);
  if (total < from.left)
    throw new PithError('input.pith-trailing', {
      at: { byte: from.at + total },
      expected: 'the end of the file',
      got: `${from.left - total} bytes more`,
      fix: 'the file was joined with something else: fetch it again',
    });
  const sections = entries.map(({ kind, length, sum }) => {
    const start = from.at;
    const bytes = from.bytes(length);
    if (crc32(bytes) !== sum) damaged({ section: nameOf(kind), byte: start });
    return { kind, start, bytes };
  });
  return { decodedBytes, sections };
}

interface Entry {
  readonly kind: number;
  readonly length: number;
  readonly sum: number;
}

function readTable(from: ByteReader): { decodedBytes: number; entries: Entry[] } {
  const features = from.varint();
  if (features !== 0)
    throw new PithError('unsupported.pith-features', {
      at: { section: 'header' },
      expected: 'no features beyond version 1',
      got: String(features),
      fix: 'the file was made by a newer version: update pith-runtime',
    });
  const decodedBytes = from.varint();
  const count = from.count(6);
  if (count > mostSections) from.refuse(`at most ${mostSections} sections`, String(count));
  const entries = Array.from({ length: count }, () => ({ kind: from.varint(), length: from.varint(), sum: from.u32() }));
  if (from.left > 0) from.refuse('the end of the header', `${from.left} bytes more`);
  for (const { kind } of entries)
    if (kind < optional && nameOf(kind) === 'unknown')
      throw new PithError('unsupported.pith-section', {
        at: { section: 'header' },
        expected: `a section of kind ${Object.values(sectionKinds).join(', ')}`,
        got: String(kind),
        fix: 'the file was made by a newer version: update pith-runtime',
      });
  return { decodedBytes, entries };
}

export function nameOf(kind: number): keyof typeof sectionKinds | 'unknown' {
  for (const [name, code] of Object.entries(sectionKinds)) if (code === kind) return name as keyof typeof sectionKinds;
  return 'unknown';
}

function checkStart(file: Uint8Array): void {
  if (file.length === 0)
    throw new PithError('input.pith-empty', { expected: 'a .pith file', got: 'no bytes', fix: 'fetch the file again' });
  const wrong = magic.findIndex((byte, i) => file[i] !== byte);
  if (wrong >= file.length) new ByteReader(file).need(magic.length + 1);
  if (wrong >= 0) {
    const start = new TextDecoder().decode(file.subarray(0, 64)).trimStart();
    if (/^<(!doctype|html|\?xml|head|body)/i.test(start))
      throw new PithError('input.pith-html', {
        expected: 'a .pith file',
        got: 'a web page',
        fix: 'look at the address: a server that finds no file often answers with a page',
      });
    throw new PithError('input.pith-magic', {
      expected: `a .pith file, which starts with the bytes ${hex(magic)}`,
      got: hex(file.subarray(0, magic.length)),
    });
  }
  if (file.length === magic.length) new ByteReader(file, magic.length).need(1);
  if (file[magic.length] !== version)
    throw new PithError('unsupported.pith-version', {
      expected: `.pith version ${version}`,
      got: `version ${file[magic.length]}`,
      fix: 'the file was made by a newer version, or is damaged: update pith-runtime',
    });
}

const hex = (bytes: ArrayLike<number>): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');

function damaged(at: Place): never {
  throw new PithError('input.pith-checksum', {
    at,
    expected: 'the checksum that was written',
    got: 'another one',
    fix: 'the file is damaged: fetch it again',
  });
}

/** Forms of a section of words: as it is, or under the text coder with its length in front. */
const plain = 0;
const coded = 1;

export function writeWords(bytes: Uint8Array): Uint8Array {
  const packed = encodeText(bytes);
  const out = new ByteWriter();
  if (packed.length + 3 < bytes.length && bytes.length <= longestText(packed.length)) {
    out.u8(coded);
    out.varint(bytes.length);
    out.bytes(packed);
  } else {
    out.u8(plain);
    out.bytes(bytes);
  }
  return out.done().slice();
}

/** `most`: bytes that the header leaves for it. Throws `input.pith-header` where it says more. */
export function readWords(section: Uint8Array, most: number): Uint8Array {
  const from = new ByteReader(section);
  const form = from.u8();
  if (form > coded) from.refuse('a form of section that exists', String(form));
  const length = form === plain ? from.left : from.varint();
  if (length > most)
    throw new PithError('input.pith-header', {
      at: { section: 'header' },
      expected: 'a decoded size that includes all sections',
      got: `${length - most} bytes less`,
    });
  return form === plain ? from.bytes(length) : decodeText(from.bytes(from.left), length);
}
