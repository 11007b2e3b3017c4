/** Damaged, foreign and hostile files: a typed error each, and nothing allocated for what is only declared. */
import { describe, expect, test } from 'vitest';
import { cscBytes, csrBytes } from '../../src/format/csr.js';
import type { Limits } from '../../src/format/limits.js';
import { readPith, toModel } from '../../src/format/read.js';
import { densify, type StoredTensor } from '../../src/format/stored.js';
import { writePith } from '../../src/format/write.js';
import { byteSize, bytesOf, type Tensor } from '../../src/tensor.js';
import { fileOf, graph, oneNode, record, recordFile, withDigests } from '../help/crafted.js';
import { errorOf } from '../help/expect-code.js';
import { floats, model, node, random, share, value } from '../help/models.js';

/** A perceptron with one tensor of each parametrization. */
function tiny(): { bytes: Uint8Array; tensors: Map<string, StoredTensor>; dense: Map<string, Tensor> } {
  const next = random(1);
  const stored = new Map<string, StoredTensor>([
    ['fc1.weight', share(floats([8, 12], next), 0.25, 7, 3)],
    ['fc2.weight', { kind: 'sparse', dims: [4, 8], values: Float32Array.of(0.5, -1.5, 2), positions: Uint32Array.of(1, 17, 30) }],
  ]);
  const dense = new Map([
    ['fc1.bias', floats([8], next)],
    ['fc2.bias', floats([4], next)],
  ]);
  const { bytes } = writePith({
    model: model({
      name: 'tiny',
      inputs: [value('x', 'N', 12)],
      outputs: [value('y', 'N', 4)],
      initializers: dense,
      nodes: [
        node('Gemm', ['x', 'fc1.weight', 'fc1.bias'], ['hidden'], { transB: 1 }),
        node('Relu', ['hidden'], ['active']),
        node('Gemm', ['active', 'fc2.weight', 'fc2.bias'], ['y'], { transB: 1 }),
      ],
    }),
    stored,
    metadata: new Map([
      ['seed', '1'],
      ['recipe', '{"version":1}'],
    ]),
  });
  return { bytes, tensors: stored, dense };
}

const { bytes: written, tensors, dense } = tiny();

describe.each([
  ['with one digest', written],
  ['with a digest for each section', withDigests(written)],
])('a small file %s', (_, bytes) => {
  test('holds what was put in', () => {
    const { graph } = toModel(readPith(bytes));
    for (const [name, stored] of tensors) expect(bytesOf(graph.initializers.get(name)!)).toEqual(bytesOf(densify(stored)));
    for (const [name, tensor] of dense) expect(bytesOf(graph.initializers.get(name)!)).toEqual(bytesOf(tensor));
  });

  test('reads the same from a Buffer in the middle of its pool', () => {
    for (let offset = 0; offset < 4; offset++) {
      const buffer = Buffer.concat([Buffer.alloc(offset, 7), bytes, Buffer.alloc(5, 9)]).subarray(offset, offset + bytes.length);
      expect(readPith(buffer)).toEqual(readPith(bytes));
    }
  });

  test('is refused with any bit or any whole byte flipped', () => {
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const copy = bytes.slice();
        copy[at]! ^= flip;
        codes.add(errorOf(() => readPith(copy)).code);
      }
    expect(codes).toContain('input.pith-checksum');
    expect([...codes].filter((code) => !/^(input|unsupported)\.pith-/.test(code))).toEqual([]);
  });

  test('is refused at every shorter length, and longer', () => {
    for (let length = 1; length < bytes.length; length++)
      expect(errorOf(() => readPith(bytes.subarray(0, length))).code).toBe('input.pith-truncated');
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(errorOf(() => readPith(longer)).code).toBe('input.pith-trailing');
  });
});

const utf8 = new TextEncoder();

test.each([
  ['an empty file', '', 'input.pith-empty'],
  ['a web page', '\n<!DOCTYPE html><p>404', 'input.pith-html'],
  ['another web page', '<html lang="en">', 'input.pith-html'],
  ['a text', 'no model', 'input.pith-magic'],
  ['a zip', 'PK\x03\x04 and more', 'input.pith-magic'],
])('%s is refused by what it is', (_, text, code) => {
  expect(errorOf(() => readPith(utf8.encode(text))).code).toBe(code);
});

describe('what a file may ask for', () => {
  const shape = (dims: readonly number[]) => graph({ declared: [{ dims }] });
  const many = graph({ declared: Array.from({ length: 3 }, (_, i) => ({ name: `w${i}`, dims: [0] })) });

  test.each<[string, Uint8Array, Partial<Limits>, string]>([
    ['more bytes than allowed', fileOf(shape([1000]), [], 4000), { maxDecodedBytes: 4000 }, 'limit.decoded-bytes'],
    ['more bytes than allowed, of words and tensors that no header adds up', written, { maxDecodedBytes: 600 }, 'limit.decoded-bytes'],
    ['more bytes of words alone', written, { maxDecodedBytes: 20 }, 'limit.decoded-bytes'],
    ['more tensors', fileOf(many), { maxTensors: 2 }, 'limit.tensors'],
    ['more nodes', fileOf(graph({ nodes: oneNode() })), { maxNodes: 0 }, 'limit.nodes'],
    ['more dimensions', fileOf(shape([1, 1, 1])), { maxRank: 2 }, 'limit.rank'],
  ])('%s: refused by the limit’s name', (_, file, limits, code) => {
    expect(errorOf(() => readPith(file, limits)).code).toBe(code);
  });

  const million = 1 << 20;
  const gigabyte = 200 * million;
  const nothing = (): void => {};
  test.each<[string, Uint8Array]>([
    ['dense, raw', record(0x00, [], nothing)],
    [
      'dense, huffman',
      record(0x10, [], (bits) => {
        bits.write(1, 1);
        bits.write(0b01, 2);
        bits.write(8, 5);
      }),
    ],
    ['sparse', record(0x01, [5, gigabyte], nothing)],
    ['shared', record(0x02, [5, gigabyte, 1], nothing)],
    ['shared with a large codebook', record(0x02, [0, 65535], nothing)],
  ])('800 MB that a file of a hundred bytes declares are not allocated: %s', (_, body) => {
    const before = process.memoryUsage();
    expect(errorOf(() => readPith(recordFile(body, gigabyte))).code).toMatch(/^input\.pith-/);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(million);
  });

  test('a constant tensor of a million weights fits in a few bytes, within the limit', () => {
    const zeros: Tensor = { dtype: 'float32', dims: [million], data: new Float32Array(million) };
    const { bytes } = writePith({
      model: model({ inputs: [], outputs: [], nodes: [], initializers: new Map([['w', zeros]]) }),
    });
    expect(bytes.length).toBeLessThan(100);
    expect(byteSize('float32', [million])).toBe(4 * million);
    expect(densify(readPith(bytes).tensors.get('w')!).data.length).toBe(million);
  });
});

test('CSR and CSC count values, indices and pointers', () => {
  const form = { dims: [500, 800], nonZeros: 32000 };
  expect(csrBytes(form)).toBe(Math.ceil((32000 * (32 + 10) + 501 * 32) / 8));
  expect(cscBytes(form)).toBe(Math.ceil((32000 * (32 + 9) + 801 * 32) / 8));
  expect(csrBytes({ ...form, valueBits: 5, indexBits: 16, pointerBits: 16 })).toBe(Math.ceil((32000 * 21 + 501 * 16) / 8));
});
