/**
 * Files that must come out the same for ever (GOLDEN=write makes them anew; read the difference before it is committed), and the second
 * decoder, plain Python written from FORMAT.md, which must read each as this one does.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPith } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { canonical } from '../help/canonical.js';
import { errorOf } from '../help/expect-code.js';
import { type Golden, goldenFiles } from '../help/golden.js';

const folder = new URL('../golden/', import.meta.url);
const pathOf = (name: string): URL => new URL(`${name}.pith`, folder);
const goldens = goldenFiles();
if (process.env['GOLDEN'] === 'write') for (const { name, bytes } of goldens) writeFileSync(pathOf(name), bytes);
const read = ({ name }: Pick<Golden, 'name'>): Uint8Array => new Uint8Array(readFileSync(pathOf(name)));

describe('golden files', () => {
  test('are those that the list makes, and no others', () => {
    const there = readdirSync(folder).map((file) => file.replace('.pith', ''));
    expect(there.sort()).toEqual(goldens.map(({ name }) => name).sort());
    expect(goldens.length).toBeGreaterThan(20);
  });

  test.each(goldens)('$name comes out byte for byte', ({ name, bytes }) => {
    expect(Buffer.compare(bytes, read({ name }))).toBe(0);
  });

  test('metadata and graph apart and a digest for each section, as large files have them, say the same in more bytes', () => {
    const [old, now] = [readPith(read({ name: 'digests' })), readPith(read({ name: 'graph' }))];
    expect({ ...old, report: null }).toEqual({ ...now, report: null });
    expect(old.report.bytes - now.report.bytes).toBeGreaterThan(3 * 16 + 10);
  });

  const written = goldens.filter(({ name }) => name !== 'digests');
  test.each(written)('$name gives the same file again when what was read is written', ({ name }) => {
    const { model, tensors, metadata } = readPith(read({ name }));
    const coder = /(?:huffman|mix|rans|raw)$/.exec(name)?.[0] as 'mix' | undefined;
    expect(Buffer.compare(writePith({ model, stored: tensors, metadata, ...(coder && { coder }) }).bytes, read({ name }))).toBe(0);
  });

  // every bit and every length is the work of the fuzz target `damage`
  test.each(goldens)('$name is refused with a bit flipped in any place, and where it ends too soon', ({ name }) => {
    const bytes = read({ name });
    for (let at = name.length % 7; at < bytes.length; at += 7) {
      const copy = bytes.slice();
      copy[at]! ^= 1 << ((at * 5) % 8);
      expect(errorOf(() => readPith(copy)).code).toMatch(/^(input|unsupported)\.pith-/);
      expect(errorOf(() => readPith(bytes.subarray(0, at))).code).toMatch(/^input\.pith-(truncated|empty)$/);
    }
  });
});

const decoder = new URL('../../../../test/decoder/pith.py', import.meta.url).pathname;
const inPython = (paths: readonly string[]): unknown[] =>
  execFileSync('python3', [decoder, ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the second decoder', () => {
  const paths = goldens.map(({ name }) => pathOf(name).pathname);

  test('agrees on every golden file, bit for bit', () => {
    const theirs = inPython(paths);
    for (const [i, golden] of goldens.entries())
      expect({ name: golden.name, ...Object(theirs[i]) }).toEqual({ name: golden.name, ...Object(canonical(readPith(read(golden)))) });
    // ten seconds on an idle machine
  }, 300_000);

  test('would notice another file: a changed bit is an error to it', () => {
    const bytes = read(goldens[0]!);
    bytes[bytes.length - 1]! ^= 1;
    const place = mkdtempSync(join(tmpdir(), 'pith-'));
    try {
      writeFileSync(join(place, 'changed.pith'), bytes);
      expect(inPython([join(place, 'changed.pith')])).toEqual([{ error: expect.stringContaining('digest') }]);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test('is short, and uses nothing but the standard library', () => {
    const source = readFileSync(decoder, 'utf8');
    expect(source.trim().split('\n').length).toBeLessThan(520);
    const imported = [...source.matchAll(/^(?:import|from) (.*?)(?: import .*)?$/gm)].flatMap((match) => match[1]!.split(', '));
    const standard = [
      'base64',
      'bisect',
      'copy',
      'functools',
      'hashlib',
      'itertools',
      'json',
      'math',
      'pathlib',
      're',
      'struct',
      'sys',
      'types',
    ];
    expect(imported.sort()).toEqual(standard);
  });
});
