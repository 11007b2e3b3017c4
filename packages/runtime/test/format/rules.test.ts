/** Each rule of FORMAT.md, checked once, with a file that breaks it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trellisNext } from '../../src/codec/trellis.js';
import type { Section } from '../../src/format/frame.js';
import { readPith } from '../../src/format/read.js';
import { stepOf } from '../../src/format/uniform.js';
import { attributes, operators } from '../../src/format/vocabulary.js';
import { bytes, frameOf, oneInput, words } from '../help/crafted.js';
import { errorOf } from '../help/expect-code.js';
import { goodSymbols } from './broken/coders.js';
import { good, plainGraph, reordered, together } from './broken/frame.js';
import { broken } from './broken/list.js';
import { goodMix, goodUniform } from './broken/sections.js';
import { sharedRaw, withTable } from './broken/tensors.js';

const document = readFileSync(new URL('../../FORMAT.md', import.meta.url), 'utf8');

describe('rules of FORMAT.md', () => {
  test('the file that they are broken in is right', () => {
    expect(readPith(good).model.graph.inputs[0]?.name).toBe('x');
    const { tensors } = readPith(sharedRaw([[3, 0], [3, 1], [0, 1]])); // biome-ignore format: one line says more
    expect(tensors.get('w')).toMatchObject({ positions: Uint32Array.of(7, 8), index: Uint8Array.of(0, 0) });
    expect(() => readPith(withTable(2, (write) => write(0, 4)))).not.toThrow();
    expect(() => readPith(reordered(1, 2))).not.toThrow();
    const pairs = (apart: readonly number[], key: string): unknown => [...readPith(together({ apart, key })).metadata];
    expect(pairs([0xab, 5], 'seed')).toEqual([['seed', 'words'], ['source', 'ab05']]); // biome-ignore format: one line says more
    expect(pairs([], 'source')).toEqual([['source', 'words']]);
    expect(readPith(goodUniform).tensors.get('w')).toMatchObject({ kind: 'uniform', step: -64, levels: new Int32Array(16) });
    expect(readPith(goodSymbols).tensors.get('w')).toMatchObject({ kind: 'shared', positions: null });
    expect(readPith(goodMix).tensors.get('w')).toMatchObject({ kind: 'uniform', step: 0, levels: new Int32Array(16) });
  });

  test.each(broken)('[$rule] refuses $how', ({ file, code }) => {
    const error = errorOf(() => readPith(file));
    expect(error.code).toBe(code);
    expect(error.message).toContain('expected');
  });

  test('each is checked once', () => {
    const ids = [...document.matchAll(/\[(F-\d+)\]/g)].map((match) => match[1]!);
    expect(ids.length).toBeGreaterThan(40);
    expect(ids).toEqual([...new Set(ids)]);
    expect(broken.map(({ rule }) => rule).sort()).toEqual([...ids].sort());
  });

  test('a section of an unknown kind from 128 on is passed over', () => {
    const extra: Section = { kind: 200, bytes: Uint8Array.of(1, 2, 3) };
    const file = readPith(frameOf(plainGraph.length, [extra, words(2, plainGraph), extra]));
    expect(file.report.sections.map(({ kind }) => kind)).toEqual(['header', 'unknown', 'graph', 'unknown']);
  });
});

describe('tables of FORMAT.md', () => {
  const block = (name: string): string => document.split(`\`\`\`${name}\n`)[1]!.split('\n```')[0]!;
  const source = readFileSync(new URL('../../src/codec/text.ts', import.meta.url), 'utf8');
  const literals = (from: string, to: string): string => source.slice(source.indexOf(from), source.indexOf(to));

  test('vocabularies are those of the code', () => {
    expect(block('operators').split(/\s+/)).toEqual(operators);
    expect(block('attributes').split(/\s+/)).toEqual(attributes.map(([name, kind]) => `${name}:${kind}`));
  });

  test('steps and trellis of uniform tensors are those of the code', () => {
    expect(
      block('sixteenths')
        .split(/\s+/)
        .map((x) => Math.fround(Number(x))),
    ).toEqual(Array.from({ length: 16 }, (_, k) => stepOf(k)));
    expect(block('trellis').split(' ').map(Number)).toEqual([...trellisNext]);
  });

  test('the text model starts from the same text and knots', () => {
    expect(block('primer')).toBe([...literals('const primer', 'const typical').matchAll(/'([^']*)'/g)].map((m) => m[1]).join(''));
    const typical = [...literals('const typical', 'Text is not coded').matchAll(/'([^']+)'/g)].map(([, part]) => part).join('');
    const text = typical.replace(/\\x(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
    expect(block('typical').replaceAll('\n', '')).toBe(btoa(text));
    expect(block('knots').split(/\s+/)).toEqual(literals('const knots = [', '/** Weights that').match(/\d+/g));
  });
});

test('the graph of one input is what the rules are tried on', () => {
  expect(bytes(oneInput)).toEqual(Uint8Array.of(1, 1, 120, 1, 2, 3));
});
