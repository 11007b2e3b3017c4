import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter } from '../../src/codec/bits.js';
import { ByteReader, ByteWriter } from '../../src/codec/bytes.js';
import { errorOf } from '../help/expect-code.js';

const seed = 7;
const written = (fill: (out: ByteWriter) => void): ByteReader => {
  const out = new ByteWriter();
  fill(out);
  return new ByteReader(out.done().slice());
};

describe('bytes', () => {
  test('varints up to 2^53 − 1 come back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (n) => {
        expect(written((out) => out.varint(n)).varint()).toBe(n);
      }),
      { seed },
    );
    for (const n of [0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER]) expect(written((out) => out.varint(n)).varint()).toBe(n);
  });

  test('64-bit numbers come back, as bigint only beyond 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        const got = written((out) => out.int64(n)).int64();
        expect(BigInt(got)).toBe(n);
        expect(typeof got === 'number').toBe(Number.isSafeInteger(Number(n)));
      }),
      { seed },
    );
  });

  test.each<[string, number[], (from: ByteReader) => unknown]>([
    ['a varint of 2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], (from) => from.varint()],
    ['an endless varint', new Array<number>(20).fill(0x80), (from) => from.varint()],
    ['an int64 of 65 bits', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02], (from) => from.int64()],
    ['an int64 with zeros in front', [0x81, 0x00], (from) => from.int64()],
  ])('%s is refused', (_, list, read) => {
    expect(errorOf(() => read(new ByteReader(Uint8Array.from(list)))).code).toBe('input.pith-value');
  });

  test('a length beyond the end is refused before anything is read', () => {
    const reader = written((out) => out.varint(1e15));
    expect(errorOf(() => reader.blob()).code).toBe('input.pith-truncated');
  });
});

describe('bits', () => {
  const fields = fc.array(
    fc.integer({ min: 0, max: 24 }).chain((width) => fc.record({ width: fc.constant(width), value: fc.nat(2 ** width - 1) })),
    { maxLength: 80 },
  );

  test('fields of 0 to 24 bits come back, and the reader stands behind the last byte', () => {
    fc.assert(
      fc.property(fields, (list) => {
        const out = new ByteWriter();
        const bits = new BitWriter(out);
        for (const { value, width } of list) bits.write(value, width);
        bits.finish();
        out.u8(0xaa);
        const from = new ByteReader(out.done().slice());
        const reader = new BitReader(from);
        for (const { value, width } of list) expect(reader.read(width)).toBe(value);
        reader.finish(from);
        expect(from.u8()).toBe(0xaa);
      }),
      { seed },
    );
  });

  test('whole bytes come back from any bit', () => {
    for (let shift = 0; shift < 24; shift++) {
      const out = new ByteWriter();
      const bits = new BitWriter(out);
      bits.write(0, shift);
      bits.bytes(Uint8Array.of(1, 2, 250));
      bits.write(1, 1);
      bits.finish();
      const reader = BitReader.of(out.done());
      reader.read(shift);
      expect(Array.from(reader.bytes(3))).toEqual([1, 2, 250]);
      expect(reader.read(1)).toBe(1);
    }
  });

  test('Elias’ gamma code is that of the textbook', () => {
    const out = new ByteWriter();
    const bits = new BitWriter(out);
    for (const n of [1, 2, 5, 131072]) bits.gamma(n);
    bits.finish();
    expect(Array.from(out.done().subarray(0, 2), (b) => b.toString(2).padStart(8, '0')).join('')).toMatch(/^101000101/);
    const reader = BitReader.of(out.done());
    expect([1, 2, 5, 131072].map(() => reader.gamma())).toEqual([1, 2, 5, 131072]);
  });
});
