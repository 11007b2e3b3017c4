import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter } from '../../src/codec/bits.js';
import { ByteReader, ByteWriter } from '../../src/codec/bytes.js';
import { codeLengths } from '../../src/codec/code-lengths.js';
import type { SymbolCoder, Symbols } from '../../src/codec/coder.js';
import { coders } from '../../src/codec/coders.js';
import { huffman } from '../../src/codec/huffman.js';
import { rans } from '../../src/codec/rans.js';
import { errorOf } from '../help/expect-code.js';

const seed = 7;

function encode(coder: SymbolCoder, symbols: Symbols, alphabet: number): Uint8Array {
  const out = new ByteWriter();
  const bits = new BitWriter(out);
  const { table, data } = coder.encode(symbols, alphabet, bits);
  expect(table + data).toBe(bits.length);
  bits.finish();
  return out.done().slice();
}

function decode(coder: SymbolCoder, bytes: Uint8Array, count: number, alphabet: number): Uint32Array {
  const from = new ByteReader(bytes);
  const bits = new BitReader(from);
  const source = coder.open(bits, count, alphabet);
  const into = new Uint32Array(count);
  source.read(into);
  bits.finish(from);
  expect(from.left).toBe(0);
  return into;
}

/** An alphabet and symbols of it, few of them frequent. */
const sequences = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 0, max: 3 }), fc.array(fc.nat(2 ** 17), { maxLength: 300 }))
  .map(([bits, skew, list]) => {
    const alphabet = 2 ** bits - (bits > 2 ? 1 : 0);
    return { alphabet, symbols: Uint32Array.from(list, (s) => Math.floor((s / 2 ** 17.001) ** (1 + 2 * skew) * alphabet)) };
  });

describe.each(coders.map((coder) => [coder.name, coder] as const))('coder %s', (_, coder) => {
  test('gives back what it was given', () => {
    fc.assert(
      fc.property(sequences, ({ symbols, alphabet }) => {
        expect(decode(coder, encode(coder, symbols, alphabet), symbols.length, alphabet)).toEqual(symbols);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('refuses every truncation of a sequence whose symbols take bits', () => {
    const symbols = Uint16Array.from({ length: 60 }, (_, i) => (i * i) % 11);
    const whole = encode(coder, symbols, 11);
    for (let length = 0; length < whole.length; length++)
      expect(errorOf(() => decode(coder, whole.subarray(0, length), symbols.length, 11)).code).toMatch(/^input\.pith-(truncated|code)$/);
  });
});

test('rans has its golden bytes', () => {
  const symbols = Uint8Array.from({ length: 40 }, (_, i) => (i * i) % 5);
  expect(Buffer.from(encode(rans, symbols, 5)).toString('hex')).toBe('15e1def3e7b95fff3cd88f2f1995c2fe209567c01d956e5b1395');
});

test('rans comes within a hundredth of the entropy of what is long enough, in WebAssembly', () => {
  const symbols = Uint16Array.from({ length: 50_000 }, (_, i) => Math.clz32(Math.imul(i + 1, 0x9e3779b1)));
  const entropy = [...Array(33).keys()]
    .map((s) => symbols.reduce((n, symbol) => n + (symbol === s ? 1 : 0), 0) / symbols.length)
    .reduce((sum, p) => sum - (p > 0 ? p * Math.log2(p) : 0), 0);
  const coded = encode(rans, symbols, 33);
  expect(coded.length * 8).toBeLessThan(1.01 * entropy * symbols.length);
  expect(decode(rans, coded, symbols.length, 33)).toEqual(Uint32Array.from(symbols));
});

test('no id is used twice', () => {
  expect(new Set(coders.map((coder) => coder.id)).size).toBe(coders.length);
});

/** Cost of the best prefix code without a limit: Huffman's own construction. */
function huffmanCost(counts: readonly number[]): number {
  const heap = counts.filter((c) => c > 0).sort((a, b) => a - b);
  let cost = 0;
  while (heap.length > 1) {
    const sum = heap.shift()! + heap.shift()!;
    cost += sum;
    const at = heap.findIndex((c) => c >= sum);
    heap.splice(at < 0 ? heap.length : at, 0, sum);
  }
  return cost;
}

/** Cost of the best prefix code with a limit, by trying all lengths that fulfil Kraft's inequality. */
function bruteCost(counts: readonly number[], limit: number): number {
  const used = counts.filter((c) => c > 0);
  let best = Infinity;
  const go = (i: number, room: number, cost: number): void => {
    if (cost >= best || room < 0) return;
    if (i === used.length) best = cost;
    else for (let l = 1; l <= limit; l++) go(i + 1, room - 2 ** (limit - l), cost + l * used[i]!);
  };
  go(0, 2 ** limit, 0);
  return best;
}

describe('code lengths', () => {
  const cost = (counts: readonly number[], limit: number): number => {
    const lengths = codeLengths(Uint32Array.from(counts), limit);
    let kraft = 0;
    for (const l of lengths) if (l > 0) kraft += 2 ** -l;
    expect(kraft).toBe(1);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
    return counts.reduce((sum, c, i) => sum + c * lengths[i]!, 0);
  };
  const counted = (size: number) =>
    fc.array(fc.nat(40), { minLength: 2, maxLength: size }).filter((c) => c.filter((n) => n > 0).length > 1);

  test('are as short as Huffman’s where the limit does not bind', () => {
    fc.assert(
      fc.property(counted(60), (counts) => {
        expect(cost(counts, 20)).toBe(huffmanCost(counts));
      }),
      { seed },
    );
  });

  test('are the best under a limit that binds', () => {
    const tight = counted(7).filter((c) => c.filter((n) => n > 0).length <= 8);
    fc.assert(
      fc.property(tight, (counts) => {
        expect(cost(counts, 3)).toBe(bruteCost(counts, 3));
      }),
      { seed },
    );
    expect(bruteCost([1, 1, 2, 4, 8], 3)).toBeGreaterThan(huffmanCost([1, 1, 2, 4, 8]));
  });

  test('stay under 20 bits for counts that grow like Fibonacci’s', () => {
    const counts = [1, 1];
    while (counts.length < 40) counts.push(counts.at(-1)! + counts.at(-2)!);
    expect(Math.max(...codeLengths(Uint32Array.from(counts), 20))).toBe(20);
  });
});

describe('Huffman tables', () => {
  const bitsOf = (symbols: Symbols, alphabet: number) => huffman.encode(symbols, alphabet, new BitWriter(new ByteWriter()));

  test('cost nothing for an empty sequence, and a symbol for a constant one', () => {
    expect(bitsOf(new Uint8Array(0), 256)).toEqual({ table: 0, data: 0 });
    expect(bitsOf(new Uint8Array(1000).fill(200), 256)).toEqual({ table: 10, data: 0 });
  });

  test('cost 7 bits where all symbols are equally frequent', () => {
    expect(
      bitsOf(
        Uint8Array.from({ length: 512 }, (_, i) => i),
        256,
      ),
    ).toEqual({ table: 7, data: 4096 });
  });

  test('cost about two bits a symbol for gaps that fall off smoothly', () => {
    const symbols: number[] = [];
    for (let gap = 0; gap < 32; gap++) for (let i = 0; i < 3000 * 0.9 ** gap; i++) symbols.push(gap);
    expect(bitsOf(Uint8Array.from(symbols), 32).table).toBeLessThan(64);
  });
});
