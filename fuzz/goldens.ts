/** The golden files of the runtime as seeds, and their parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { ByteReader, ByteWriter } from '../packages/runtime/src/codec/bytes.js';
import { type ListedTensor, writeListed } from '../packages/runtime/src/format/fields.js';
import { sectionKinds } from '../packages/runtime/src/format/frame.js';
import { readGraphSection } from '../packages/runtime/src/format/graph.js';
import { limitsOf } from '../packages/runtime/src/format/limits.js';
import { framed, graphOf } from '../packages/runtime/test/help/crafted.js';

const folder = new URL('../packages/runtime/test/golden/', import.meta.url);

export const goldenFiles = (): Uint8Array[] =>
  readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));

/** Contents of graph sections. */
export const goldenGraphs = (): Uint8Array[] => goldenFiles().map(graphOf);

/** Tensors sections, each behind the list of the tensors that it holds. */
export const goldenSections = (): Uint8Array[] =>
  goldenFiles().flatMap((file) => {
    const { declared } = readGraphSection(new ByteReader(graphOf(file)), limitsOf());
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
