/**
 * Sections of words, metadata and graph: as they are, or under the text coder with their length in front. In a small file they are one
 * section, so that the graph is coded with what the metadata taught; the hash of the source stands apart in it, for hexadecimal digits
 * are noise that the text coder takes for words.
 */
import { type ByteReader, ByteWriter } from '../codec/bytes.js';
import { decodeText, encodeText, longestText } from '../codec/text.js';
import { hex, type Section, sectionKinds } from './frame.js';

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

/** The rest of the section. `spend` is told how long the contents are before they are decoded, and throws where that is too long. */
export function readWords(from: ByteReader, spend: (length: number) => void): Uint8Array {
  const form = from.u8();
  if (form > coded) from.refuse('a form of section that exists', String(form));
  const length = form === plain ? from.left : from.varint();
  spend(length);
  return form === plain ? from.bytes(length) : decodeText(from.bytes(from.left), length);
}

function metadataBytes(metadata: ReadonlyMap<string, string>): Uint8Array {
  const out = new ByteWriter();
  out.varint(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    out.string(value);
  }
  return out.done();
}

/** `known`: pairs that stand elsewhere; they come last. */
export function readMetadata(from: ByteReader, known: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const metadata = new Map<string, string>();
  for (let count = from.count(2); count > 0; count--) {
    const key = from.string();
    if (metadata.has(key) || known.has(key)) from.refuse('a key once', `"${key}" twice`);
    metadata.set(key, from.string());
  }
  for (const [key, value] of known) metadata.set(key, value);
  return metadata;
}

/** The key whose value stands apart from the others, as bytes. */
const apart = 'source';

export interface WrittenWords {
  readonly sections: readonly Section[];
  /** Of their contents before coding. */
  readonly length: number;
}

/** A model without metadata has no section for them. */
export function writeApart(metadata: ReadonlyMap<string, string>, graph: Uint8Array): WrittenWords {
  const section = (kind: number, contents: Uint8Array): Section => ({ kind, bytes: writeWords(contents) });
  if (metadata.size === 0) return { sections: [section(sectionKinds.graph, graph)], length: graph.length };
  const contents = metadataBytes(metadata);
  return {
    sections: [section(sectionKinds.metadata, contents), section(sectionKinds.graph, graph)],
    length: contents.length + graph.length,
  };
}

export function writeTogether(metadata: ReadonlyMap<string, string>, graph: Uint8Array): WrittenWords {
  const rest = new Map(metadata);
  const source = /^([0-9a-f]{2})+$/.exec(metadata.get(apart) ?? '')?.[0] ?? '';
  if (source) rest.delete(apart);
  const contents = new ByteWriter();
  contents.bytes(metadataBytes(rest));
  contents.bytes(graph);
  const out = new ByteWriter();
  out.blob(Uint8Array.from(source.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)));
  out.bytes(writeWords(contents.done()));
  return { sections: [{ kind: sectionKinds.words, bytes: out.done().slice() }], length: contents.length };
}

/** The pair that stands apart from the contents, if there is one. */
export function readApart(from: ByteReader): Map<string, string> {
  const source = from.blob();
  return new Map(source.length > 0 ? [[apart, hex(source, '')]] : []);
}
