/** The golden files of the runtime as seeds, and their parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { ByteReader, ByteWriter } from '../packages/runtime/src/codec/bytes.js';
import { type ListedTensor, writeListed } from '../packages/runtime/src/format/fields.js';
import { sectionKinds } from '../packages/runtime/src/format/frame.js';
import { readGraphSection } from '../packages/runtime/src/format/graph.js';
import { limitsOf } from '../packages/runtime/src/format/limits.js';
import { readWords } from '../packages/runtime/src/format/words.js';
import { framed } from '../packages/runtime/test/help/crafted.js';

const folder = new URL('../packages/runtime/test/golden/', import.meta.url);

export const goldenFiles = (): Uint8Array[] =>
  readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));

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
