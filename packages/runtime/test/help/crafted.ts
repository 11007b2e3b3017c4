/** .pith files put together by hand, so that each single thing in them can be wrong. */
import { BitWriter } from '../../src/codec/bits.js';
import { ByteReader, ByteWriter } from '../../src/codec/bytes.js';
import { type MixEncoder, mixEncoder } from '../../src/codec/mix.js';
import { type Section, sectionKinds, writeFrame } from '../../src/format/frame.js';
import { readGraphSection, writeGraphSection } from '../../src/format/graph.js';
import { limitsOf } from '../../src/format/limits.js';
import { PieceReader } from '../../src/format/pieces.js';
import { readMetadata, readWords, writeApart } from '../../src/format/words.js';
import { byteSize } from '../../src/tensor.js';

export type Fill = (out: ByteWriter) => void;

export const bytes = (fill: Fill): Uint8Array => {
  const out = new ByteWriter();
  fill(out);
  return out.done().slice();
};

export const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  bytes((out) => {
    for (const part of parts) out.bytes(part);
  });

/** A section of words, not coded. */
export const words = (kind: number, contents: Uint8Array): Section => ({
  kind,
  bytes: bytes((out) => {
    out.u8(0);
    out.bytes(contents);
  }),
});

export interface GraphParts {
  readonly declared?: readonly { name?: string; dtype?: number; dims?: readonly number[] }[];
  readonly prefix?: string;
  /** From the main graph's inputs on. */
  readonly inputs?: Fill;
  readonly outputs?: Fill;
  readonly nodes?: Fill;
}

/** One input "x", float32 [1]. */
export const oneInput: Fill = (out) => {
  out.varint(1);
  out.string('x');
  for (const part of [1, 2, 3]) out.varint(part);
};
const none: Fill = (out) => out.varint(0);

/** One node: Relu of the latest value. `attributes`: from their number on. */
export const oneNode =
  (parts: { readonly op?: number; readonly reference?: number; readonly attributes?: Fill } = {}): Fill =>
  (out) => {
    out.varint(1);
    out.varint(parts.op ?? 4);
    out.varint(1);
    out.varint(parts.reference ?? 3);
    out.varint(1);
    out.u8(1);
    (parts.attributes ?? none)(out);
  };

export const graph = (parts: GraphParts = {}): Uint8Array =>
  bytes((out) => {
    out.varint(8);
    out.varint(1);
    out.string('');
    out.varint(17);
    for (let i = 0; i < 4; i++) out.string('');
    out.int64(0);
    out.varint(0);
    out.varint(0);
    const declared = parts.declared ?? [];
    out.varint(declared.length);
    for (const { name = 'w' } of declared) out.string(name);
    for (const { dtype = 1, dims = [4] } of declared) {
      out.varint(dtype);
      out.varint(dims.length);
      for (const d of dims) out.varint(d);
    }
    out.string(parts.prefix ?? 'v');
    out.string('main');
    out.varint(0);
    (parts.inputs ?? oneInput)(out);
    (parts.outputs ?? none)(out);
    (parts.nodes ?? none)(out);
  });

export const frameOf = (decodedBytes: number, sections: readonly Section[]): Uint8Array => writeFrame(decodedBytes, sections).bytes;

/** Size and sections of a file, each checked. */
export function framed(file: Uint8Array): { decodedBytes: number; sections: Section[] } {
  const sections: Section[] = [];
  let decodedBytes: number | undefined;
  const reader = new PieceReader(limitsOf(), {
    header: (header) => {
      decodedBytes = header.decodedBytes;
    },
    section: (section) => {
      sections.push(section);
    },
  });
  reader.push(file);
  reader.end();
  return { decodedBytes: decodedBytes ?? decodedSize(sections), sections };
}

/** What the header of a large file says. */
function decodedSize(sections: readonly Section[]): number {
  const { declared } = readGraphSection(new ByteReader(graphIn(sections)), limitsOf());
  const words = sections.filter(({ kind }) => kind !== sectionKinds.tensors).reduce((sum, one) => sum + contentsOf(one).contents.length, 0);
  return declared.reduce((sum, { dtype, dims }) => sum + byteSize(dtype, dims), words);
}

/** The same file with a digest for each section, as large ones have. */
export function withDigests(file: Uint8Array): Uint8Array {
  const { decodedBytes, sections } = framed(file);
  return writeFrame(decodedBytes, sections, 'each').bytes;
}

/** What sections of words hold, metadata and graph alike; what stands before it in the section. */
export function contentsOf({ kind, bytes }: Section): { before: Uint8Array; contents: Uint8Array } {
  const from = new ByteReader(bytes);
  if (kind === sectionKinds.words) from.blob();
  return { before: bytes.slice(0, from.at), contents: readWords(from, () => undefined) };
}

/** The graph of a file as it stands in a section of its own. */
export const graphOf = (file: Uint8Array): Uint8Array => graphIn(framed(file).sections);

function graphIn(sections: readonly Section[]): Uint8Array {
  const section = sections.find(({ kind }) => kind === sectionKinds.graph || kind === sectionKinds.words)!;
  const from = new ByteReader(contentsOf(section).contents);
  if (section.kind === sectionKinds.graph) return from.bytes(from.left);
  readMetadata(from);
  const { model, declared } = readGraphSection(from, limitsOf(), 'words');
  return bytes((out) => writeGraphSection(out, model, declared));
}

/** The same file as a large one is: metadata and graph apart, a digest for each section. */
export function asLarge(file: Uint8Array, metadata: ReadonlyMap<string, string>): Uint8Array {
  const { sections } = framed(file);
  const words = writeApart(metadata, graphIn(sections)).sections;
  const all = [...words, ...sections.filter(({ kind }) => kind === sectionKinds.tensors)];
  return writeFrame(decodedSize(all), all, 'each').bytes;
}

/** A tensors section of records under coders of symbols. */
export const symbols = (...records: readonly Uint8Array[]): Section => ({
  kind: 3,
  bytes: joined(Uint8Array.of(0, records.length), ...records),
});

/** A tensors section of one tensor in a mix stream. */
export const mixed = (fill: (to: MixEncoder) => void): Section => {
  const to = mixEncoder();
  fill(to);
  return { kind: 3, bytes: joined(Uint8Array.of(1, 1), to.finish()) };
};

/** A file of this graph and these sections after it. */
export const fileOf = (graphBytes: Uint8Array, tensors: readonly Section[] = [], tensorBytes = 0): Uint8Array =>
  frameOf(graphBytes.length + tensorBytes, [words(2, graphBytes), ...tensors]);

/** A file with one float32 vector "w" of `size` elements (16 unless said) and this section. */
export const sectionFile = (section: Section, size = 16): Uint8Array =>
  fileOf(graph({ declared: [{ dims: [size] }] }), [section], 4 * size);
export const recordFile = (record: Uint8Array, size = 16): Uint8Array => sectionFile(symbols(record), size);

/** A record: head and counts, then bits. */
export const record = (head: number, counts: readonly number[], fill: (bits: BitWriter) => void): Uint8Array =>
  bytes((out) => {
    out.u8(head);
    for (const count of counts) out.varint(count);
    const bits = new BitWriter(out);
    fill(bits);
    bits.finish();
  });
