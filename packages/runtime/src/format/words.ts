/** Sections of words, metadata and graph: as they are, or under the text coder with their length in front. */
import { ByteReader, ByteWriter } from '../codec/bytes.js';
import { decodeText, encodeText, longestText } from '../codec/text.js';
import { PithError } from '../errors.js';

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

export function metadataBytes(metadata: ReadonlyMap<string, string>): Uint8Array {
  const out = new ByteWriter();
  out.varint(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    out.string(value);
  }
  return out.done();
}

export function readMetadata(bytes: Uint8Array): Map<string, string> {
  const from = new ByteReader(bytes);
  const metadata = new Map<string, string>();
  for (let count = from.count(2); count > 0; count--) {
    const key = from.string();
    if (metadata.has(key)) from.refuse('a key once', `"${key}" twice`);
    metadata.set(key, from.string());
  }
  if (from.left > 0) from.refuse('the end of the metadata', `${from.left} bytes more`);
  return metadata;
}
