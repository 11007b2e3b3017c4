/** The engine in WebAssembly against itself as it is written, over coded sequences, whole or damaged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter } from '../../src/codec/bits.js';
import { ByteReader, ByteWriter } from '../../src/codec/bytes.js';
import type { SymbolCoder } from '../../src/codec/coder.js';
import { coders } from '../../src/codec/coders.js';
import { type Engine, enginesOfFile, newEngine } from '../../src/codec/engine/engine.js';
import { fromGaps, toGaps } from '../../src/codec/relative.js';
import { sha256 } from '../../src/codec/sha256.js';
import { decodeText, encodeText } from '../../src/codec/text.js';
import { PithError } from '../../src/errors.js';
import { scriptEngine } from '../help/script-engine.js';

const seed = 7;
const wasm = newEngine();
const script = scriptEngine();
const utf8 = new TextEncoder();

/** What comes out, or code and place of the error. */
function outcome(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    if (error instanceof PithError) return [error.code, error.detail];
    throw error;
  }
}

const same = (body: (engine: Engine) => unknown): unknown => {
  const found = outcome(() => body(wasm));
  expect(outcome(() => body(script))).toEqual(found);
  return found;
};

function encode(coder: SymbolCoder, symbols: Uint16Array, alphabet: number): Uint8Array {
  const out = new ByteWriter();
  const bits = new BitWriter(out);
  coder.encode(symbols, alphabet, bits);
  bits.finish();
  return out.done().slice();
}

const decode = (coder: SymbolCoder, coded: Uint8Array, count: number, alphabet: number, engine: Engine): Uint16Array => {
  const bits = new BitReader(new ByteReader(coded), engine);
  const into = new Uint16Array(3 * count);
  coder.open(bits, count, alphabet).read(into, 1, 3);
  engine.letGo();
  return into;
};

const sequences = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(65535), { maxLength: 200 }))
  .map(([width, list]) => ({ alphabet: 2 ** width, symbols: Uint16Array.from(list, (s, i) => s % 2 ** (1 + ((i * 5) % width))) }));

describe.each(coders.map((coder) => [coder.name, coder] as const))('sequences of coder %s', (_, coder) => {
  test('come out the same, every third entry', () => {
    fc.assert(
      fc.property(sequences, ({ symbols, alphabet }) => {
        const coded = encode(coder, symbols, alphabet);
        const found = same((engine) => decode(coder, coded, symbols.length, alphabet, engine)) as Uint16Array;
        expect(found.filter((_, i) => i % 3 === 1)).toEqual(symbols);
      }),
      { seed, numRuns: 60 },
    );
  });

  test('longer than a slab come back', () => {
    const symbols = Uint16Array.from({ length: 40_001 }, (_, i) => Math.clz32(Math.imul(i + 1, 0x9e3779b1)));
    const coded = encode(coder, symbols, 40);
    for (const engine of [wasm, script])
      expect(decode(coder, coded, symbols.length, 40, engine).filter((_, i) => i % 3 === 1)).toEqual(symbols);
  });

  test('that are damaged or any bytes give the same symbols or the same error', () => {
    const whole = encode(
      coder,
      Uint16Array.from({ length: 90 }, (_, i) => (i * i) % 23),
      32,
    );
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length)).map(([at, flip, length]) => {
      const copy = whole.slice(0, length);
      if (at < length) copy[at]! ^= flip;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), fc.nat(200), (coded, count) => {
        same((engine) => decode(coder, coded, count, 32, engine));
      }),
      { seed, numRuns: 400 },
    );
  });
});

test('text, whole or damaged', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.nat(99), fc.nat(255), (text, at, flip) => {
      const bytes = utf8.encode(text);
      const coded = encodeText(bytes);
      expect(same((engine) => decodeText(coded, bytes.length, engine))).toEqual(bytes);
      const other = coded.slice();
      if (at < other.length) other[at]! ^= flip;
      same((engine) => decodeText(other, bytes.length, engine));
    }),
    { seed, numRuns: 40 },
  );
});

test('positions of gaps, also of those that make none', () => {
  const cases = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.nat(400),
    fc.array(fc.tuple(fc.nat(600), fc.nat(3)), { maxLength: 60 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(cases, ([gapBits, size, entries, coded]) => {
      same((engine) => {
        const gaps = Uint32Array.from(entries, ([gap]) => gap % 2 ** gapBits);
        const values = Uint32Array.from(entries, ([, value]) => (value === 3 ? 0x80000000 : value));
        const kept = fromGaps(gaps, values, { gapBits, size, coded }, engine);
        return [gaps.slice(0, kept), values.slice(0, kept)];
      });
    }),
    { seed, numRuns: 400 },
  );
  const positions = Uint32Array.from({ length: 50_000 }, (_, i) => i * 9);
  const { gaps, source } = toGaps(positions, 3);
  for (const engine of [wasm, script]) {
    const places = Uint32Array.from(gaps);
    const kept = fromGaps(
      places,
      Uint32Array.from(source, (i) => i + 1),
      { gapBits: 3, size: 450_000, coded: true },
      engine,
    );
    expect(places.subarray(0, kept)).toEqual(positions);
  }
});

test('digests', () => {
  for (const length of [0, 55, 56, 64, 1000, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * i);
    same((engine) => sha256([bytes], engine));
  }
});

test('what one has read leaves no trace in what it reads next', () => {
  const symbols = Uint16Array.from({ length: 300 }, (_, i) => (i * i) % 7);
  const [, huffman] = coders;
  const coded = encode(huffman!, symbols, 7);
  const fresh = decode(huffman!, coded, 300, 7, newEngine());
  outcome(() => decode(huffman!, Uint8Array.of(0xff, 0xff), 300, 60_000, wasm));
  outcome(() => decodeText(Uint8Array.of(1, 2, 3), 100, wasm));
  expect(decode(huffman!, coded, 300, 7, wasm)).toEqual(fresh);
});

test('large parts of a file share an engine, which other files do not have; small ones are read by that of the thread', () => {
  const [one, other] = [enginesOfFile(), enginesOfFile()];
  const large = 2 ** 20 + 1;
  expect(one(large)).toBe(one(2 * large));
  expect(one(large)).not.toBe(other(large));
  expect(one(100)).toBe(other(100));
  expect(one(100)).not.toBe(one(large));
});
