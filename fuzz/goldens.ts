/** The golden files of the runtime as seeds, and their parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { ByteReader, ByteWriter } from '../packages/runtime/src/codec/bytes.js';
import { type ListedTensor, writeListed } from '../packages/runtime/src/format/fields.js';
import { type Section, sectionKinds } from '../packages/runtime/src/format/frame.js';
import { readGraphSection } from '../packages/runtime/src/format/graph.js';
import { limitsOf } from '../packages/runtime/src/format/limits.js';
import { PieceReader } from '../packages/runtime/src/format/pieces.js';
import { readWords } from '../packages/runtime/src/format/words.js';

const folder = new URL('../packages/runtime/test/golden/', import.meta.url);

export const goldenFiles = (): Uint8Array[] =>
  readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));

/** Size and sections of a file, each checked. */
export function framed(bytes: Uint8Array): { decodedBytes: number; sections: Section[] } {
  const sections: Section[] = [];
  let decodedBytes = 0;
  const reader = new PieceReader(limitsOf(), {
    header: (header) => {
      decodedBytes = header.decodedBytes;
    },
    section: (section) => {
      sections.push(section);
    },
  });
  reader.push(bytes);
  reader.end();
  return { decodedBytes, sections };
}

const wordsOf = (file: Uint8Array): Uint8Array => {
  const graph = framed(file).sections.find(({ kind }) => kind === sectionKinds.graph);
  return readWords(graph!.bytes, 1 << 20);
};

/** Contents of graph sections. */
export const goldenGraphs = (): Uint8Array[] => goldenFiles().map(wordsOf);

/** Tensors sections, each behind the list of the tensors that it holds. */
export const goldenSections = (): Uint8Array[] =>
  goldenFiles().flatMap((file) => {
    const { declared } = readGraphSection(new ByteReader(wordsOf(file)), limitsOf());
    const own = declared.filter(({ repeats }) => repeats === undefined);
    return framed(file)
      .sections.filter(({ kind }) => kind === sectionKinds.tensors)
      .map(({ bytes }) => behindList(own, bytes));
  });

/** The list, then the section. */
export function behindList(listed: readonly ListedTensor[], section: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.varint(listed.length);
  for (const one of listed) writeListed(out, one);
  out.bytes(section);
  return out.done().slice();
}
