/**
 * The parts of the .pith format, each by itself, so that millions of inputs reach behind the digests of a file: the frame, the graph, the
 * sparse index, tensors sections, files in pieces, files that break a rule, and golden files with every bit flipped and at every length.
 */
import { ByteReader, ByteWriter } from '../packages/runtime/src/codec/bytes.js';
import { fromGaps, toGaps } from '../packages/runtime/src/codec/relative.js';
import { sha256 } from '../packages/runtime/src/codec/sha256.js';
import { PithError } from '../packages/runtime/src/errors.js';
import { type ListedTensor, readListed } from '../packages/runtime/src/format/fields.js';
import { readGraphSection, writeGraphSection } from '../packages/runtime/src/format/graph.js';
import { limitsOf } from '../packages/runtime/src/format/limits.js';
import { PieceReader } from '../packages/runtime/src/format/pieces.js';
import { PithStream, readPith } from '../packages/runtime/src/format/read.js';
import { runSectionJob } from '../packages/runtime/src/format/sections.js';
import { densify } from '../packages/runtime/src/format/stored.js';
import type { DecodedTensor } from '../packages/runtime/src/format/tensors.js';
import { naturalView, type UniformStored } from '../packages/runtime/src/format/uniform.js';
import { byteSize, bytesOf } from '../packages/runtime/src/tensor.js';
import { broken } from '../packages/runtime/test/format/broken/list.js';
import { behindList, goldenFiles, goldenGraphs, goldenSections } from './goldens.js';
import { joined, mutate } from './mutate.js';
import { mutateFile } from './pith.js';
import type { Mutation, Target } from './target.js';

/** Twice this is within the memory that the judge allows. */
const limits = { maxDecodedBytes: 64 * 1024 };
const allowed = limitsOf(limits);
/** A mebibyte, and the slots and weights of the models of a mix stream, which are made whatever is in it. */
const models = 10 * 1024 * 1024;

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
const insist = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

/** Where the header's fields begin, and where it ends and its root begins, from the length that it says; the end where it lies outside. */
function headerOf(file: Uint8Array): { fields: number; end: number } {
  try {
    const from = new ByteReader(file, 5);
    const length = from.varint();
    return { fields: from.at, end: Math.min(from.at + length, file.length) };
  } catch {
    return { fields: 6, end: file.length };
  }
}

/** Changes the table and makes the root right again, so that what the table says is looked at. */
const mutateTable: Mutation = (random, bytes, other) => {
  const { fields, end } = headerOf(bytes);
  const start = bytes.slice(0, end);
  const changes = 1 + random.below(3);
  for (let i = 0; i < changes && end > 6; i++)
    start[6 + random.below(end - 6)] = random.below(4) === 0 ? random.below(256) : other[random.below(other.length)]!;
  const behind = bytes.subarray(end + 16);
  const changed = joined(start, sha256(start[fields]! % 2 === 1 ? [start, behind] : [start]).subarray(0, 16), behind);
  return random.below(4) === 0 ? mutate(random, changed, other) : changed;
};

function throughFrame(bytes: Uint8Array): void {
  const reader = new PieceReader(allowed, { header: () => undefined, section: () => undefined });
  reader.push(bytes);
  reader.end();
}

const frame: Target = { name: 'frame', seeds: goldenFiles, mutate: mutateTable, run: throughFrame };

const graph: Target = {
  name: 'graph',
  seeds: goldenGraphs,
  run(bytes) {
    const { model, declared } = readGraphSection(new ByteReader(bytes), allowed);
    const written = (from: typeof model, listed: readonly ListedTensor[]): Uint8Array => {
      const out = new ByteWriter();
      writeGraphSection(out, from, listed);
      return out.done().slice();
    };
    const once = written(model, declared);
    const again = readGraphSection(new ByteReader(once), limitsOf());
    insist(same(written(again.model, again.declared), once), 'a graph that was written reads back as another one');
  },
};

/** Gap width, size, then gaps and whether each is kept. */
const sparseIndex: Target = {
  name: 'sparse-index',
  seeds: () => [Uint8Array.of(2, 90, 3, 1, 0, 0, 2, 1, 1, 1), Uint8Array.of(5, 255, 31, 0, 31, 0, 4, 1, 9, 1), Uint8Array.of(1, 8, 1, 1)],
  run(bytes) {
    const gapBits = 1 + ((bytes[0] ?? 0) % 16);
    const size = (bytes[1] ?? 0) * (1 + ((bytes[2] ?? 0) % 64));
    const entries = Math.max(0, (bytes.length - 2) >> 1);
    const gaps = Uint32Array.from({ length: entries }, (_, i) => Math.min(bytes[2 + 2 * i]! * (gapBits > 8 ? 97 : 1), 2 ** gapBits - 1));
    const before = gaps.slice();
    const values = Uint32Array.from({ length: entries }, (_, i) => bytes[3 + 2 * i]! % 4);
    const kept = fromGaps(gaps, values, { gapBits, size, coded: true });
    const coded = toGaps(gaps.subarray(0, kept), gapBits);
    const back = Uint32Array.from(coded.gaps);
    const order = Uint32Array.from(coded.source, (i) => i + 1);
    const again = fromGaps(back, order, { gapBits, size, coded: true });
    insist(again === kept && same(bytesAt(back, kept), bytesAt(gaps, kept)), `positions change on their way: ${before}`);
  },
};
const bytesAt = (positions: Uint32Array, count: number): Uint8Array => new Uint8Array(positions.buffer, 0, 4 * count);

interface Through {
  readonly declared: readonly ListedTensor[];
  readonly read: readonly DecodedTensor[];
}

/** A list of tensors, then a section that holds them: decoded and made dense. */
function decodeSection(bytes: Uint8Array, mixed: boolean): Through {
  const from = new ByteReader(bytes);
  const count = from.count(2);
  const declared: ListedTensor[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const one = readListed(from, allowed, `w${i}`, []);
    total += byteSize(one.dtype, one.dims);
    if (total > limits.maxDecodedBytes) from.refuse('fewer bytes', String(total));
    declared.push(one);
  }
  const section = bytes.slice(from.at);
  if ((section[0] === 1) !== mixed) from.refuse('the form of the seeds', 'the other');
  const read = runSectionJob({ kind: 'decode', bytes: section, start: 0, declared });
  for (const one of read) densify(one.stored);
  return { declared, read };
}

/** The same, coded again and compared. */
function throughSection(bytes: Uint8Array, mixed: boolean): void {
  const { declared, read } = decodeSection(bytes, mixed);
  for (const coder of mixed ? (['mix', 'raw'] as const) : (['huffman', 'raw'] as const)) {
    const tensors = read.map(({ stored }, i) => ({ declared: declared[i]!, stored }));
    const coded = runSectionJob({ kind: 'encode', tensors, coder });
    const again = runSectionJob({ kind: 'decode', bytes: coded.bytes, start: 0, declared });
    insist(
      read.every((one, i) => same(denseBytes(one), denseBytes(again[i]!))),
      `tensors change on their way through ${coder}`,
    );
  }
}
const denseBytes = ({ stored }: DecodedTensor): Uint8Array => bytesOf(densify(stored));

const isMix = (seed: Uint8Array): boolean => {
  const from = new ByteReader(seed);
  for (let left = from.varint(); left > 0; left--) readListed(from, allowed, '', []);
  return seed[from.at] === 1;
};

/** Both ways of a kind of section: decoding, within the memory of its tables; and the round trip. */
const bothWays = (name: string, mixed: boolean, seeds: () => Uint8Array[]): Target[] => [
  // a sequence under rans has a table of half a mebibyte, whatever is in it
  { name, seeds, allowance: models, run: (bytes) => void decodeSection(bytes, mixed) },
  { name: `${name}-round-trip`, seeds, allowance: 4 * models, run: (bytes) => throughSection(bytes, mixed) },
];

const records = bothWays('records', false, () => goldenSections().filter((seed) => !isMix(seed)));
const mixSections = bothWays('mix-section', true, () => goldenSections().filter(isMix));

/** One uniform tensor of every shape, type and view. */
const uniform = bothWays('uniform', false, () => {
  const base: UniformStored = {
    kind: 'uniform',
    dtype: 'float32',
    dims: [4, 3],
    view: naturalView([4, 3], false),
    levels: Int32Array.of(0, 1, -1, 5, 0, 0, 2, -2, 0, 1, 1, 7),
    grid: 'trellis',
    step: -60,
    rowSteps: Int8Array.of(1, 0, -1, 3),
    columnSteps: null,
  };
  const others: readonly Partial<UniformStored>[] = [
    {},
    { dtype: 'float16', grid: 'scalar', rowSteps: null, columnSteps: Int8Array.of(9, -9, 0) },
    { dtype: 'bfloat16', view: naturalView([4, 3], true), rowSteps: Int8Array.of(4, 5, 6) },
    { dtype: 'float64', view: { rows: 1, columns: 2, positions: 6, transposed: false }, rowSteps: null, step: 2047 },
    { levels: new Int32Array(12), rowSteps: null },
    { levels: Int32Array.of(0, 1, 2 ** 23, 5, 0, 0, -(2 ** 23), -2, 0, 1, 1, 7) },
  ];
  return others.flatMap((other) => {
    const stored = { ...base, ...other };
    const declared = { name: 'w', dtype: stored.dtype, dims: stored.dims };
    return (['raw', 'huffman'] as const).map((coder) =>
      behindList([declared], runSectionJob({ kind: 'encode', tensors: [{ declared, stored }], coder }).bytes),
    );
  });
});

/** The first byte says how long the pieces are; the rest is the file. */
const pieces: Target = {
  name: 'pieces',
  seeds: () =>
    [...goldenFiles(), ...broken.map(({ file }) => file)]
      .filter((file) => file.length < 1000)
      .map((file) => joined(Uint8Array.of(3), file)),
  // it is read twice
  allowance: 2 * models,
  run(bytes) {
    const length = 1 + ((bytes[0] ?? 0) % 7);
    const file = bytes.slice(1);
    const outcome = (read: () => unknown): string => {
      try {
        read();
        return 'read';
      } catch (error) {
        if (!(error instanceof PithError)) throw error;
        return JSON.stringify([error.code, error.detail]);
      }
    };
    const whole = outcome(() => readPith(file, limits));
    const inPieces = outcome(() => {
      const stream = new PithStream({ limits });
      for (let at = 0; at < file.length; at += length) stream.push(file.subarray(at, at + length));
      return stream.end();
    });
    insist(inPieces === whole, `in pieces of ${length}: ${inPieces}, whole: ${whole}`);
    if (whole !== 'read') throw new PithError(JSON.parse(whole)[0], { expected: 'a file', got: whole });
  },
};

/** Files that break one rule each, changed a little further. */
const rules: Target = {
  name: 'rules',
  seeds: () => broken.map(({ file }) => file).filter((file) => file.length < 1000),
  mutate: mutateFile,
  allowance: models,
  run: (bytes) => void readPith(bytes, limits),
};

/** Every bit of every golden file flipped, and every shorter length: counted off, not drawn. The frame finds each of them. */
const damage: Target = {
  name: 'damage',
  seeds: goldenFiles,
  allowance: models,
  counted(seeds, n) {
    let left = n;
    for (const file of seeds) {
      const cases = 9 * file.length;
      if (left >= cases) {
        left -= cases;
        continue;
      }
      const at = Math.floor(left / 9);
      if (left % 9 === 8) return file.subarray(0, at);
      const copy = file.slice();
      copy[at]! ^= 1 << (left % 9);
      return copy;
    }
    return undefined;
  },
  run(bytes) {
    throughFrame(bytes);
    throw new Error('a damaged file was let through');
  },
};

/** One line for each. */
export const formatTargets: readonly Target[] = [damage, frame, graph, ...mixSections, pieces, ...records, rules, sparseIndex, ...uniform];
