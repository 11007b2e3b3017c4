/** The .pith reader with the dense form of what it read; and, as a target of its own, the writer on that. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Random } from '../packages/pith/src/base/random.js';
import { nameOf, type Section, writeFrame } from '../packages/runtime/src/format/frame.js';
import { readPith, toModel } from '../packages/runtime/src/format/read.js';
import { writeWords } from '../packages/runtime/src/format/words.js';
import { writePith } from '../packages/runtime/src/format/write.js';
import { unsupportedOperators } from '../packages/runtime/src/model/prepare.js';
import { contentsOf, framed } from '../packages/runtime/test/help/crafted.js';
import { goldenFiles } from './goldens.js';
import { joined, mutate } from './mutate.js';
import type { Mutation, Target } from './target.js';

/** Inputs that once failed. */
const folder = new URL('./seeds/pith/', import.meta.url);

/** What a file may decode to here: inputs are small. */
const limits = { maxDecodedBytes: 128 * 1024 };

/** What a section holds before coding: a mutation of coded text is only noise. */
const unpacked = (section: Section): ReturnType<typeof contentsOf> =>
  nameOf(section.kind) === 'tensors' ? { before: section.bytes.slice(0, 0), contents: section.bytes } : contentsOf(section);

/** Changes the contents of one section and puts the file together again, with right checksums and mostly the right total. */
function mutateSection(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const { sections, decodedBytes } = framed(bytes);
  const chosen = random.below(sections.length);
  const section = sections[chosen]!;
  const pieces = framed(other).sections;
  const { before: front, contents: before } = unpacked(section);
  const piece = unpacked(pieces[random.below(pieces.length)]!).contents;
  // a single changed byte more often leaves a file that can be read, and so reaches what comes behind
  const after = random.below(4) === 0 ? mutate(random, before, piece) : before.slice();
  if (after.length > 0) after[random.below(after.length)]! ^= 1 << random.below(8);
  if (nameOf(section.kind) === 'tensors') return writeFrame(decodedBytes, sections.with(chosen, { ...section, bytes: after })).bytes;
  const words = joined(front, random.below(16) === 0 ? writeWords(after) : Uint8Array.of(0, ...after));
  const total = Math.max(0, decodedBytes + (random.below(8) === 0 ? 0 : after.length - before.length));
  return writeFrame(total, sections.with(chosen, { ...section, bytes: words })).bytes;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

const found = (): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
const seeds = (): Uint8Array[] => [...goldenFiles(), ...found().map((name) => new Uint8Array(readFileSync(new URL(name, folder))))];

/** Of the contents of a section, put together again; of the bytes where they are no file. */
export const mutateFile: Mutation = (random, bytes, other) => {
  try {
    return mutateSection(random, bytes, other);
  } catch {
    return mutate(random, bytes, other);
  }
};

export const target: Target = {
  name: 'pith',
  seeds,
  mutate: mutateFile,
  // tables of the text coder and of mix, whatever is in them
  allowance: 16 * 1024 * 1024,
  run(bytes) {
    const file = readPith(bytes, limits);
    toModel(file);
    unsupportedOperators(file.model.graph.nodes);
  },
};

export const roundTrip: Target = {
  name: 'pith-round-trip',
  seeds,
  mutate: mutateFile,
  // two readings and two writings, each with such tables
  allowance: 64 * 1024 * 1024,
  run(bytes) {
    const { model, tensors, metadata } = readPith(bytes, limits);
    const written = writePith({ model, stored: tensors, metadata }).bytes;
    const again = readPith(written);
    const twice = writePith({ model: again.model, stored: again.tensors, metadata: again.metadata }).bytes;
    if (!same(twice, written)) throw new Error('what was written reads back as something else');
  },
};
