/** Files whose frame, header or words break a rule. */
import { sha256 } from '../../../src/codec/sha256.js';
import type { Section } from '../../../src/format/frame.js';
import { bytes, type Fill, fileOf, frameOf, graph, joined, withDigests, words } from '../../help/crafted.js';
import type { Broken } from './broken.js';

export const plainGraph = graph();
export const good = fileOf(plainGraph);
const changed = (file: Uint8Array, at: number, by: (byte: number) => number): Uint8Array => {
  const copy = file.slice();
  copy[at] = by(copy[at]!);
  return copy;
};

/** A file whose header holds these bytes, with a right checksum. */
const withHeader = (fill: Fill): Uint8Array => {
  const start = bytes((out) => {
    out.bytes(good.subarray(0, 5));
    out.blob(bytes(fill));
  });
  return bytes((out) => {
    out.bytes(start);
    out.bytes(sha256([start]).subarray(0, 16));
  });
};
const inGraph = (fill: Fill): Uint8Array => {
  const contents = bytes(fill);
  return frameOf(contents.length, [words(2, contents)]);
};
const metadata = (fill: Fill): Uint8Array => {
  const contents = bytes(fill);
  return frameOf(contents.length + plainGraph.length, [words(1, contents), words(2, plainGraph)]);
};
export const reordered = (...kinds: readonly number[]): Uint8Array => {
  const parts = kinds.map(
    (kind): Section =>
      kind === 1
        ? words(
            1,
            bytes((out) => out.varint(0)),
          )
        : words(2, plainGraph),
  );
  return frameOf(
    kinds.reduce((sum, kind) => sum + (kind === 1 ? 1 : plainGraph.length), 0),
    parts,
  );
};
const textSection = (length: number, coded: Uint8Array): Uint8Array =>
  frameOf(length, [
    {
      kind: 2,
      bytes: bytes((out) => {
        out.u8(1);
        out.varint(length);
        out.bytes(coded);
      }),
    },
  ]);

/** Metadata of one pair and the graph in one section, and the bytes of a source. */
export const together = ({ apart, key }: { readonly apart: readonly number[]; readonly key: string }): Uint8Array => {
  const contents = bytes((out) => {
    out.varint(1);
    out.string(key);
    out.string('words');
    out.bytes(plainGraph);
  });
  const start = bytes((out) => out.blob(Uint8Array.from(apart)));
  return frameOf(contents.length, [{ kind: 4, bytes: joined(start, words(4, contents).bytes) }]);
};

export const brokenFrames: readonly Broken[] = [
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
  { rule: 'F-04', how: 'another signature', file: changed(good, 1, () => 0x51), code: 'input.pith-magic' },
  { rule: 'F-05', how: 'version 2', file: changed(good, 4, () => 2), code: 'unsupported.pith-version' },
  {
    rule: 'F-07',
    how: 'a header with a byte more',
    file: withHeader((out) => {
      for (const byte of [0, 0, 0, 7]) out.u8(byte);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-06',
    how: 'a header of 4 MiB and a byte',
    file: bytes((out) => {
      out.bytes(good.subarray(0, 5));
      out.varint(2 ** 22 + 1);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-15',
    how: '100,001 sections',
    file: frameOf(0, new Array(100_001).fill({ kind: 200, bytes: new Uint8Array(0) })),
    code: 'input.pith-value',
  },
  { rule: 'F-08', how: 'a changed byte in the header', file: changed(good, 7, (byte) => byte ^ 1), code: 'input.pith-checksum' },
  { rule: 'F-09', how: 'a section that is cut off', file: good.subarray(0, good.length - 1), code: 'input.pith-truncated' },
  { rule: 'F-10', how: 'a byte behind the last section', file: joined(good, Uint8Array.of(0)), code: 'input.pith-trailing' },
  {
    rule: 'F-11',
    how: 'feature 2',
    file: withHeader((out) => {
      for (const byte of [2, 0, 0]) out.u8(byte);
    }),
    code: 'unsupported.pith-features',
  },
  {
    rule: 'F-12',
    how: 'a decoded size that is one too large',
    file: frameOf(plainGraph.length + 1, [words(2, plainGraph)]),
    code: 'input.pith-header',
  },
  {
    rule: 'F-13',
    how: 'a decoded size above the limit',
    file: fileOf(graph({ declared: [{ dims: [1 << 20, 1 << 20] }] }), [], 2 ** 42),
    code: 'limit.decoded-bytes',
  },
  {
    rule: 'F-14',
    how: 'a changed section',
    file: changed(withDigests(good), withDigests(good).length - 1, (byte) => byte ^ 128),
    code: 'input.pith-checksum',
  },
  {
    rule: 'F-76',
    how: 'one digest for 64 KiB and a byte',
    file: withHeader((out) => {
      // of header and root
      const length = 5 + 1 + 7 + 16;
      for (const number of [1, 0, 1, 2, 2 ** 16 + 1 - length]) out.varint(number);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-16',
    how: 'a section of kind 5',
    file: frameOf(plainGraph.length, [words(2, plainGraph), { kind: 5, bytes: Uint8Array.of(0) }]),
    code: 'unsupported.pith-section',
  },
  { rule: 'F-17', how: 'metadata behind the graph', file: reordered(2, 1), code: 'input.pith-order' },
  {
    rule: 'F-18',
    how: 'a section of form 2',
    file: frameOf(plainGraph.length, [{ kind: 2, bytes: joined(Uint8Array.of(2), plainGraph) }]),
    code: 'input.pith-value',
  },
  {
    rule: 'F-19',
    how: 'a key that comes twice',
    file: metadata((out) => {
      out.varint(2);
      for (const text of ['seed', '7', 'seed', '8']) out.string(text);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-20',
    how: 'a byte behind the metadata',
    file: metadata((out) => {
      out.varint(0);
      out.u8(0);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-77',
    how: 'a source apart and one among the others',
    file: together({ apart: [0xab], key: 'source' }),
    code: 'input.pith-value',
  },
  { rule: 'F-74', how: '5000 bytes from a single one', file: textSection(5000, Uint8Array.of(1)), code: 'input.pith-code' },
  { rule: 'F-75', how: 'one byte from nine', file: textSection(1, new Uint8Array(9).fill(77)), code: 'input.pith-code' },
];
