/** Each rule of FORMAT.md, checked once, with a file that breaks it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/codec/crc32.js';
import type { ErrorCode } from '../../src/errors.js';
import { type Section, writeContainer } from '../../src/format/container.js';
import type { Limits } from '../../src/format/limits.js';
import { readPith } from '../../src/format/read.js';
import { attributes, operators } from '../../src/format/vocabulary.js';
import { bytes, type Fill, fileOf, graph, oneInput, oneNode, record, recordFile, words } from '../help/crafted.js';
import { errorOf } from '../help/expect-code.js';

const document = readFileSync(new URL('../../FORMAT.md', import.meta.url), 'utf8');

const plainGraph = graph();
const good = fileOf(plainGraph);
const changed = (file: Uint8Array, at: number, by: (byte: number) => number): Uint8Array => {
  const copy = file.slice();
  copy[at] = by(copy[at]!);
  return copy;
};
const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  bytes((out) => {
    for (const part of parts) out.bytes(part);
  });

/** A file whose header holds these bytes, with a right checksum. */
const withHeader = (fill: Fill): Uint8Array => {
  const start = bytes((out) => {
    out.bytes(good.subarray(0, 5));
    out.blob(bytes(fill));
  });
  return bytes((out) => {
    out.bytes(start);
    out.u32(crc32(start));
  });
};
const inGraph = (fill: Fill): Uint8Array => {
  const contents = bytes(fill);
  return writeContainer(contents.length, [words(2, contents)]);
};
const metadata = (fill: Fill): Uint8Array => {
  const contents = bytes(fill);
  return writeContainer(contents.length + plainGraph.length, [words(1, contents), words(2, plainGraph)]);
};
const reordered = (...kinds: readonly number[]): Uint8Array => {
  const parts = kinds.map(
    (kind): Section =>
      kind === 1
        ? words(
            1,
            bytes((out) => out.varint(0)),
          )
        : words(2, plainGraph),
  );
  return writeContainer(
    kinds.reduce((sum, kind) => sum + (kind === 1 ? 1 : plainGraph.length), 0),
    parts,
  );
};
const textSection = (length: number, coded: Uint8Array): Uint8Array =>
  writeContainer(length, [
    {
      kind: 2,
      bytes: bytes((out) => {
        out.u8(1);
        out.varint(length);
        out.bytes(coded);
      }),
    },
  ]);

/** shared, huffman. */
const sharedHead = 0x12;
/** shared, raw, b = 2, one shared value: entries of gap (2 bits) and symbol (1 bit). */
const sharedRaw = (entries: readonly (readonly [gap: number, symbol: number])[], size = 16): Uint8Array =>
  recordFile(
    record(2, [2, entries.length, 1], (bits) => {
      bits.bytes(Uint8Array.of(0, 0, 0x80, 0x3f));
      for (const [gap] of entries) bits.write(gap, 2);
      for (const [, symbol] of entries) bits.write(symbol, 1);
    }),
    size,
  );
/** shared, huffman, b = 0, `values` shared values of zero: the table of the symbols is what `table` writes. */
const withTable = (values: number, table: (write: (value: number, width: number) => void) => void): Uint8Array =>
  recordFile(
    record(sharedHead, [0, values], (bits) => {
      for (let plane = 0; plane < 4; plane++) {
        bits.write(0, 1);
        bits.bytes(new Uint8Array(values));
      }
      table((value, width) => bits.write(value, width));
    }),
  );

interface Broken {
  readonly rule: string;
  readonly how: string;
  readonly file: Uint8Array;
  readonly code: ErrorCode;
  readonly limits?: Partial<Limits>;
}

const broken: readonly Broken[] = [
  {
    rule: 'F-01',
    how: 'a varint with a zero byte at its end',
    file: inGraph((out) => {
      out.u8(0x88);
      out.u8(0);
      out.bytes(plainGraph.subarray(1));
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-02',
    how: 'a key that is not UTF-8',
    file: metadata((out) => {
      out.varint(1);
      out.blob(Uint8Array.of(0xff));
      out.string('v');
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-03',
    how: 'ones behind the last bit',
    file: recordFile(
      record(2, [0, 1], (bits) => {
        bits.bytes(new Uint8Array(4));
        for (let i = 0; i < 3; i++) bits.write(1, 1);
        bits.write(0, 2);
        bits.write(7, 3);
      }),
      3,
    ),
    code: 'input.pith-code',
  },
  { rule: 'F-04', how: 'another signature', file: changed(good, 1, () => 0x51), code: 'input.pith-magic' },
  { rule: 'F-05', how: 'version 2', file: changed(good, 4, () => 2), code: 'unsupported.pith-version' },
  {
    rule: 'F-06',
    how: 'a header with a byte more',
    file: withHeader((out) => {
      for (const byte of [0, 0, 0, 7]) out.u8(byte);
    }),
    code: 'input.pith-value',
  },
  { rule: 'F-07', how: 'a changed header', file: changed(good, 7, (byte) => byte ^ 1), code: 'input.pith-checksum' },
  { rule: 'F-08', how: 'a section that is cut off', file: good.subarray(0, good.length - 1), code: 'input.pith-truncated' },
  { rule: 'F-09', how: 'a byte behind the last section', file: joined(good, Uint8Array.of(0)), code: 'input.pith-trailing' },
  {
    rule: 'F-10',
    how: 'a feature',
    file: withHeader((out) => {
      for (const byte of [1, 0, 0]) out.u8(byte);
    }),
    code: 'unsupported.pith-features',
  },
  {
    rule: 'F-11',
    how: 'a decoded size that is one too large',
    file: writeContainer(plainGraph.length + 1, [words(2, plainGraph)]),
    code: 'input.pith-header',
  },
  {
    rule: 'F-12',
    how: 'a decoded size above the limit',
    file: fileOf(graph({ declared: [{ dims: [1 << 20, 1 << 20] }] }), [], 2 ** 42),
    code: 'limit.decoded-bytes',
  },
  { rule: 'F-13', how: 'a changed section', file: changed(good, good.length - 1, (byte) => byte ^ 128), code: 'input.pith-checksum' },
  {
    rule: 'F-14',
    how: 'a section of kind 4',
    file: writeContainer(plainGraph.length, [words(2, plainGraph), { kind: 4, bytes: Uint8Array.of(0) }]),
    code: 'unsupported.pith-section',
  },
  { rule: 'F-15', how: 'metadata behind the graph', file: reordered(2, 1), code: 'input.pith-order' },
  {
    rule: 'F-16',
    how: 'a section of form 2',
    file: writeContainer(plainGraph.length, [{ kind: 2, bytes: joined(Uint8Array.of(2), plainGraph) }]),
    code: 'input.pith-value',
  },
  {
    rule: 'F-17',
    how: 'a key that comes twice',
    file: metadata((out) => {
      out.varint(2);
      for (const text of ['seed', '7', 'seed', '8']) out.string(text);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-18',
    how: 'a byte behind the metadata',
    file: metadata((out) => {
      out.varint(0);
      out.u8(0);
    }),
    code: 'input.pith-value',
  },
  { rule: 'F-19', how: 'an element type 8 (string)', file: fileOf(graph({ declared: [{ dtype: 8 }] })), code: 'input.pith-value' },
  {
    rule: 'F-20',
    how: 'dims whose product overflows',
    file: fileOf(graph({ declared: [{ dims: [2 ** 40, 2 ** 40] }] })),
    code: 'input.pith-value',
  },
  {
    rule: 'F-21',
    how: 'an output that is the second value of one node',
    file: fileOf(
      graph({
        nodes: oneNode(),
        outputs: (out) => {
          out.varint(1);
          out.varint(2);
          out.string('y');
          for (const part of [1, 0]) out.varint(part);
        },
      }),
    ),
    code: 'input.pith-value',
  },
  {
    rule: 'F-22',
    how: 'an operator beyond the vocabulary',
    file: fileOf(graph({ nodes: oneNode({ op: 5000 }) })),
    code: 'unsupported.pith-word',
  },
  {
    rule: 'F-23',
    how: 'an attribute beyond the vocabulary',
    file: fileOf(
      graph({
        nodes: oneNode({
          attributes: (out) => {
            out.varint(1);
            out.varint(5000);
            out.u8(0);
          },
        }),
      }),
    ),
    code: 'unsupported.pith-word',
  },
  {
    rule: 'F-24',
    how: 'group twice',
    file: fileOf(
      graph({
        nodes: oneNode({
          attributes: (out) => {
            for (const part of [2, 5, 2, 5, 4]) out.varint(part);
          },
        }),
      }),
    ),
    code: 'input.pith-value',
  },
  {
    rule: 'F-25',
    how: 'a node that reads a value before the first',
    file: fileOf(graph({ nodes: oneNode({ reference: 4 }) })),
    code: 'input.pith-value',
  },
  {
    rule: 'F-26',
    how: 'two inputs of one name',
    file: fileOf(
      graph({
        inputs: (out) => {
          out.varint(2);
          for (let i = 0; i < 2; i++) {
            out.string('x');
            for (const part of [1, 0]) out.varint(part);
          }
        },
      }),
    ),
    code: 'input.pith-value',
  },
  { rule: 'F-27', how: 'a tensor named v0', file: fileOf(graph({ declared: [{ name: 'v0' }] }), [], 16), code: 'input.pith-value' },
  { rule: 'F-28', how: 'a byte behind the graph', file: fileOf(joined(plainGraph, Uint8Array.of(0))), code: 'input.pith-value' },
  { rule: 'F-29', how: 'a record that nothing declares', file: fileOf(plainGraph, [Uint8Array.of(0)]), code: 'input.pith-value' },
  { rule: 'F-30', how: 'no record for a tensor', file: fileOf(graph({ declared: [{}] }), [], 16), code: 'input.pith-value' },
  { rule: 'F-31', how: 'parametrization 15', file: recordFile(Uint8Array.of(15)), code: 'unsupported.pith-parametrization' },
  { rule: 'F-32', how: 'coder 15', file: recordFile(Uint8Array.of(0xf0)), code: 'unsupported.pith-coder' },
  {
    rule: 'F-33',
    how: 'a shared tensor of int64',
    file: fileOf(graph({ declared: [{ dtype: 7, dims: [1] }] }), [Uint8Array.of(2, 0, 0, 0)], 8),
    code: 'input.pith-value',
  },
  {
    rule: 'F-34',
    how: 'a kept weight of -0',
    file: recordFile(
      record(1, [1, 1], (bits) => {
        bits.write(0, 1);
        for (const byte of [0, 0, 0, 0x80]) bits.write(byte, 8);
      }),
    ),
    code: 'input.pith-value',
  },
  { rule: 'F-35', how: '65536 shared values', file: recordFile(record(2, [0, 65536], () => {})), code: 'input.pith-value' },
  { rule: 'F-36', how: 'gaps of 17 bits', file: recordFile(record(2, [17, 0, 0], () => {})), code: 'input.pith-value' },
  { rule: 'F-37', how: '17 entries of 16 elements', file: recordFile(record(2, [2, 17, 1], () => {})), code: 'input.pith-value' },
  {
    rule: 'F-38',
    how: 'an entry behind the last element',
    file: sharedRaw(
      [
        [3, 1],
        [0, 1],
      ],
      4,
    ),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-39',
    how: 'a filler after two zeros',
    file: sharedRaw([
      [2, 0],
      [1, 1],
    ]),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-40',
    how: 'a filler at the end',
    file: sharedRaw([
      [1, 1],
      [3, 0],
    ]),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-41',
    how: 'symbol 3 of 3',
    file: recordFile(
      record(2, [0, 2], (bits) => {
        bits.bytes(new Uint8Array(8));
        for (let i = 0; i < 16; i++) bits.write(3, 2);
      }),
    ),
    code: 'input.pith-code',
  },
  {
    rule: 'F-42',
    how: 'a single symbol 3 of 3',
    file: withTable(2, (write) => {
      write(0, 2);
      write(3, 2);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-43',
    how: 'four flat codes for three symbols',
    file: withTable(2, (write) => {
      write(1, 2);
      write(2, 5);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-44',
    how: 'lengths 2, 1, 1',
    file: withTable(4, (write) => {
      write(2, 2);
      write(2, 5);
      write(0b0_110_0, 5);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-45',
    how: 'three codes of length 2 for three symbols',
    file: withTable(2, (write) => {
      write(2, 2);
      write(2, 5);
      write(0, 24);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-46',
    how: 'a code length of 21',
    file: withTable(2, (write) => {
      write(2, 2);
      write(20, 5);
      write(0b10, 2);
    }),
    code: 'input.pith-code',
  },
  { rule: 'F-47', how: 'a table of form 3', file: withTable(2, (write) => write(3, 2)), code: 'input.pith-code' },
  { rule: 'F-48', how: '5000 bytes from a single one', file: textSection(5000, Uint8Array.of(1)), code: 'input.pith-code' },
  { rule: 'F-49', how: 'one byte from nine', file: textSection(1, new Uint8Array(9).fill(77)), code: 'input.pith-code' },
];

describe('rules of FORMAT.md', () => {
  test('the file that they are broken in is right', () => {
    expect(readPith(good).model.graph.inputs[0]?.name).toBe('x');
    const { tensors } = readPith(sharedRaw([[3, 0], [3, 1], [0, 1]])); // biome-ignore format: one line says more
    expect(tensors.get('w')).toMatchObject({ positions: Uint32Array.of(7, 8), index: Uint16Array.of(0, 0) });
    expect(() => readPith(withTable(2, (write) => write(0, 4)))).not.toThrow();
    expect(() => readPith(reordered(1, 2))).not.toThrow();
  });

  test.each(broken)('[$rule] refuses $how', ({ file, code, limits }) => {
    const error = errorOf(() => readPith(file, limits));
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
    const file = readPith(writeContainer(plainGraph.length, [extra, words(2, plainGraph), extra]));
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

  test('the text model starts from the same text and knots', () => {
    expect(block('primer')).toBe([...literals('const primer', 'Text is not coded').matchAll(/'([^']*)'/g)].map((m) => m[1]).join(''));
    expect(block('knots').split(/\s+/)).toEqual(literals('const knots = [', '];\nfunction squash').match(/\d+/g));
  });
});

test('the graph of one input is what the rules are tried on', () => {
  expect(bytes(oneInput)).toEqual(Uint8Array.of(1, 1, 120, 1, 2, 3));
});
