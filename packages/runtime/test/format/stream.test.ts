/** Files that come in pieces, and sections that are coded elsewhere: the same result or the same error as the whole on one thread. */
import { describe, expect, test } from 'vitest';
import { type PithFile, PithStream, readPith, readPithOn } from '../../src/format/read.js';
import { parcelOf, runSectionJob, type SectionHost } from '../../src/format/sections.js';
import { densify } from '../../src/format/stored.js';
import { writePith, writePithOn } from '../../src/format/write.js';
import { bytesOf, type Tensor } from '../../src/tensor.js';
import { frameOf, joined, withDigests, words } from '../help/crafted.js';
import { errorOf, rejection } from '../help/expect-code.js';
import { floats, model, node, random, residual, value } from '../help/models.js';
import { plainGraph } from './broken/frame.js';
import { broken } from './broken/list.js';

const seed = 5;

/** What reading gives, or the error: all of it. */
const outcome = (read: () => PithFile): unknown => {
  try {
    return read();
  } catch (error) {
    const { code, detail } = error as { code: string; detail: unknown };
    return { code, detail };
  }
};

function inPieces(file: Uint8Array, lengths: readonly number[]): PithFile {
  const stream = new PithStream();
  for (let at = 0, i = 0; at < file.length; i++) {
    const length = lengths[i % lengths.length]!;
    stream.push(file.subarray(at, at + length));
    at += length;
  }
  return stream.end();
}

const small = writePith({ model: residual().model, stored: residual().stored, metadata: new Map([['seed', '7']]) }).bytes;
const frames: readonly (readonly [string, Uint8Array])[] = [
  ['with one digest', small],
  ['with a digest for each section', withDigests(small)],
];
/** Three sections of tensors, for the second tensor is large. */
const threeSections = (() => {
  const zeros = (size: number): Tensor => ({ dtype: 'int8', dims: [size], data: new Int8Array(size) });
  const initializers = new Map([
    ['a', zeros(1 << 21)],
    ['b', zeros(1 << 22)],
    ['c', floats([9], random(seed))],
  ]);
  const nodes = [node('Concat', ['a', 'b', 'c'], ['y'], { axis: 0 })];
  return writePith({ model: model({ inputs: [], outputs: [value('y')], nodes, initializers }) }).bytes;
})();

describe('a file in pieces', () => {
  test.each(frames)('of 1 to 7 bytes is what the whole is, %s', (_, file) => {
    const whole = readPith(file);
    for (const lengths of [[1], [2], [3], [4], [5], [6], [7], [3, 1, 7, 2, 5], [file.length - 1, 1]])
      expect(inPieces(file, lengths)).toEqual(whole);
  });

  const files = broken.filter(({ file }) => file.length < 10_000);
  test.each(files)('that breaks $rule fails as the whole does', ({ file }) => {
    const whole = outcome(() => readPith(file));
    expect(whole).toHaveProperty('code');
    for (const length of [1, 3, 7]) expect(outcome(() => inPieces(file, [length]))).toEqual(whole);
  });

  test.each(frames)('cut off, damaged or continued fails as the whole does, %s', (_, file) => {
    const next = random(seed);
    for (let round = 0; round < 60; round++) {
      const at = Math.floor(next() * file.length);
      const damaged = round % 3 === 0 ? file.subarray(0, at) : round % 3 === 1 ? file.slice() : joined(file, file.subarray(0, at));
      if (round % 3 === 1) damaged[at]! ^= 1 << Math.floor(next() * 8);
      const lengths = [1 + Math.floor(next() * 7), 1 + Math.floor(next() * 7)];
      expect(outcome(() => inPieces(damaged, lengths))).toEqual(outcome(() => readPith(damaged)));
    }
  });

  test('whose header has a length that never ends fails as the whole does', () => {
    const file = joined(small.subarray(0, 5), new Uint8Array(8).fill(0x80), Uint8Array.of(0x81, 0x80, 1));
    for (let length = 5; length <= file.length; length++)
      expect(outcome(() => inPieces(file.subarray(0, length), [2]))).toEqual(outcome(() => readPith(file.subarray(0, length))));
  });

  test('of what is no .pith file at all fails as the whole does', () => {
    for (const text of [
      '',
      '\x89',
      'no',
      '<!DOCTYPE html><p>not here',
      '\n<html lang="en">'.padEnd(80),
      'a text that is long enough'.padEnd(90),
    ]) {
      const file = new TextEncoder().encode(text);
      expect(outcome(() => inPieces(file, [2]))).toEqual(outcome(() => readPith(file)));
    }
  });

  test.each<[string, Uint8Array, string[]]>([
    ['the graph and each tensor before the file has ended', withDigests(threeSections), ['g', 'a', 'b']],
    ['nothing before its one digest could be checked', threeSections, []],
  ])('hands on %s', (_, file, early) => {
    const seen: string[] = [];
    const stream = new PithStream({ onModel: ({ graph }) => seen.push(graph.name), onTensor: (name) => seen.push(name) });
    stream.push(file.subarray(0, -1));
    expect(seen).toEqual(early);
    stream.push(file.subarray(-1));
    expect(seen).toEqual(['g', 'a', 'b', 'c']);
    expect([...stream.end().tensors.keys()]).toEqual(['a', 'b', 'c']);
  });

  test('says the same again after it has failed', () => {
    const stream = new PithStream();
    const wrong = small.slice();
    wrong[20]! ^= 1;
    const error = errorOf(() => stream.push(wrong));
    expect(errorOf(() => stream.push(small))).toBe(error);
    expect(errorOf(() => stream.end())).toBe(error);
  });

  test('takes no memory for a section that is only announced', () => {
    const file = frameOf(plainGraph.length, [words(2, plainGraph), { kind: 200, bytes: new Uint8Array(32 << 20) }]);
    const stream = new PithStream();
    const before = process.memoryUsage().arrayBuffers;
    for (const byte of file.subarray(0, 300)) stream.push(Uint8Array.of(byte));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});

/** Runs jobs on this thread, as somebody far away would: late, in another order, on copies. */
function farHost(): SectionHost & { readonly jobs: string[] } {
  const jobs: string[] = [];
  return {
    jobs,
    async run(job) {
      jobs.push(job.kind);
      const { value, buffers } = parcelOf(job, { keep: true });
      const there = structuredClone(value, { transfer: buffers });
      await new Promise((resolve) => setTimeout(resolve, 10 - jobs.length));
      const result = parcelOf(runSectionJob(there), { keep: false });
      return structuredClone(result.value, { transfer: result.buffers });
    },
  };
}

describe('sections elsewhere', () => {
  const { model: given, stored } = residual();

  test('are written to the same bytes and read to the same file', async () => {
    const host = farHost();
    expect(await writePithOn(host, { model: given, stored })).toEqual(writePith({ model: given, stored }));
    const [there, here] = [await readPithOn(host, threeSections), readPith(threeSections)];
    expect(there.report).toEqual(here.report);
    for (const [name, stored] of here.tensors)
      expect(Buffer.compare(bytesOf(densify(there.tensors.get(name)!)), bytesOf(densify(stored)))).toBe(0);
    expect(host.jobs).toEqual(['encode', 'decode', 'decode', 'decode']);
  });

  test('fail as they do here: the first error of the file, whatever comes first in time', async () => {
    for (const { file } of broken.filter(({ file }) => file.length < 10_000)) {
      const there = await rejection(() => readPithOn(farHost(), file));
      expect({ code: there.code, detail: there.detail }).toEqual(outcome(() => readPith(file)));
    }
  });
});
