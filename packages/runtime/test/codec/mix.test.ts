import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kernels, wasmKernels } from '../../src/codec/mix/kernel.js';
import { type FloatFormat, type MatrixShape, type MixDecoder, type MixEncoder, mixDecoder, mixEncoder } from '../../src/codec/mix.js';
import type { PithError } from '../../src/errors.js';
import { errorOf } from '../help/expect-code.js';
import { scriptKernels } from '../help/script-kernels.js';

const seed = 7;
const settings = { seed, numRuns: 12 };

type Values = Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** One array of a section: its contents, an empty array of the same length, and the call that both sides make. */
interface Piece {
  readonly values: Values;
  code(coder: MixEncoder | MixDecoder, values: Values): void;
}

const shapes: fc.Arbitrary<MatrixShape> = fc.record({
  rows: fc.nat(9),
  columns: fc.nat(9),
  positions: fc.constantFrom(1, 1, 3, 9),
});
const sizeOf = ({ rows, columns, positions }: MatrixShape): number => rows * columns * positions;
/** Numbers below 2^bits, mostly small ones. */
const skewed = (bits: number, length: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: length, maxLength: length }),
    )
    .map(([skew, list]) => list.map((x) => Math.floor(x ** (1 + 4 * skew) * 2 ** bits)));

/** Pieces of every kind. */
const kinds: Readonly<Record<string, fc.Arbitrary<Piece>>> = {
  bytes: fc.tuple(fc.constantFrom(1, 2, 4, 8), fc.nat(40), fc.nat(12)).chain(([wide, count, width]) =>
    skewed(8, wide * count).map((list) => ({
      values: Uint8Array.from(list),
      code: (coder, values) => coder.bytes(values as Uint8Array, wide, width),
    })),
  ),
  floats: fc.tuple(fc.constantFrom<FloatFormat>('float32', 'float16', 'bfloat16'), fc.nat(60), fc.nat(12)).chain(([format, count, width]) =>
    skewed(format === 'float32' ? 32 : 16, count).map((list) => ({
      values: format === 'float32' ? Uint32Array.from(list) : Uint16Array.from(list),
      code: (coder, values) => coder.floats(values as Uint16Array, format, width),
    })),
  ),
  levels: fc
    .tuple(shapes, fc.constantFrom('scalar' as const, 'trellis' as const), fc.integer({ min: 1, max: 24 }))
    .chain(([shape, grid, bits]) =>
      skewed(bits, sizeOf(shape)).map((list) => ({
        values: Int32Array.from(list, (size, i) => (i % 3 === 0 ? -size : size)),
        code: (coder, values) => coder.levels(values as Int32Array, shape, grid),
      })),
    ),
  mask: shapes.chain((shape) =>
    skewed(1, sizeOf(shape)).map((list) => ({
      values: Uint8Array.from(list),
      code: (coder, values) => coder.mask(values as Uint8Array, shape),
    })),
  ),
  symbols: fc.tuple(shapes, fc.integer({ min: 0, max: 16 })).chain(([shape, bits]) =>
    skewed(bits, sizeOf(shape)).map((list) => ({
      values: Uint16Array.from(list),
      code: (coder, values) => coder.symbols(values as Uint16Array, 2 ** bits, shape),
    })),
  ),
  'symbols under a mask': fc.tuple(shapes, fc.integer({ min: 0, max: 9 })).chain(([shape, bits]) =>
    fc.tuple(skewed(bits, sizeOf(shape)), skewed(1, sizeOf(shape))).map(([list, kept]) => ({
      values: Uint16Array.from(list.filter((_, i) => kept[i] === 1)),
      code: (coder, values) => coder.symbols(values as Uint16Array, 2 ** bits, shape, Uint8Array.from(kept)),
    })),
  ),
};

const encode = (pieces: readonly Piece[], kernels?: Kernels): Uint8Array => {
  const coder = mixEncoder(kernels);
  for (const { values, code } of pieces) code(coder, values);
  return coder.finish();
};

const decode = (bytes: Uint8Array, pieces: readonly Piece[], kernels?: Kernels): Values[] => {
  const coder = mixDecoder(bytes, kernels);
  const found = pieces.map(({ values, code }) => {
    const into = new (values.constructor as new (length: number) => Values)(values.length);
    code(coder, into);
    return into;
  });
  coder.end();
  return found;
};

const outcome = (decoded: () => Values[]): unknown => {
  try {
    return decoded();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^input\.pith-(code|truncated)$/) });
    return (error as PithError).code;
  }
};

describe.each(Object.entries(kinds))('%s', (_, piece) => {
  test('come back as they were, alone and after each other; WebAssembly and TypeScript give the same bytes', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 3 }), (pieces) => {
        const coded = encode(pieces, wasmKernels());
        expect(encode(pieces, scriptKernels)).toEqual(coded);
        for (const kernels of [wasmKernels(), scriptKernels])
          expect(decode(coded, pieces, kernels)).toEqual(pieces.map(({ values }) => values));
      }),
      settings,
    );
  });

  test('give an error or other values where the bytes are damaged, cut or continued; WebAssembly and TypeScript the same', () => {
    fc.assert(
      fc.property(piece, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'continue'), (one, at, flip, how) => {
        const whole = encode([one]);
        const place = whole.length > 0 ? at % whole.length : 0;
        const damaged = {
          flip: whole.map((byte, i) => (i === place ? byte ^ flip : byte)),
          cut: whole.subarray(0, place),
          continue: Uint8Array.of(...whole, 0, 0, 0, 0, 0),
        }[how];
        const found = outcome(() => decode(damaged, [one], wasmKernels()));
        expect(outcome(() => decode(damaged, [one], scriptKernels))).toEqual(found);
        if (how === 'continue') expect(found).toBe('input.pith-code');
      }),
      settings,
    );
  });
});

test('numbers of every size come back, and signed ones', () => {
  const numbers = [0, 1, 2, 3, 4, 255, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 7, 0];
  const coder = mixEncoder();
  for (const [i, value] of numbers.entries()) coder.number(value, i % 32);
  for (const value of numbers) if (value < 2 ** 31) for (const sign of [-1, 1]) coder.signed(sign * value, 31);
  const decoder = mixDecoder(coder.finish());
  expect(numbers.map((_, i) => decoder.number(i % 32))).toEqual(numbers);
  for (const value of numbers) if (value < 2 ** 31) for (const sign of [-1, 1]) expect(decoder.signed(31)).toBe(sign * value + 0);
  decoder.end();
});

test('encoder and decoder agree on how many bits were taken, in WebAssembly and in TypeScript', () => {
  const values = Int32Array.from({ length: 500 }, (_, i) => i % 5);
  const shape = { rows: 10, columns: 50, positions: 1 };
  const bits = [wasmKernels(), scriptKernels].flatMap((kernels) => {
    const encoder = mixEncoder(kernels);
    encoder.levels(values, shape, 'scalar');
    const taken = encoder.position;
    const decoder = mixDecoder(encoder.finish(), kernels);
    decoder.levels(values.slice(), shape, 'scalar');
    return [taken, decoder.position];
  });
  expect(bits[0]).toBeGreaterThan(50);
  expect(new Set(bits).size).toBe(1);
});

test('arrays larger than what goes through at once come back, in WebAssembly and in TypeScript the same bytes', () => {
  const values = Int32Array.from({ length: 45_000 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >> 12) % 200_000);
  const piece: Piece = {
    values,
    code: (coder, into) => coder.levels(into as Int32Array, { rows: 3, columns: 15_000, positions: 1 }, 'trellis'),
  };
  const coded = encode([piece], wasmKernels());
  expect(coded.length).toBeGreaterThan(65_536);
  expect(Buffer.compare(encode([piece], scriptKernels), coded)).toBe(0);
  for (const kernels of [wasmKernels(), scriptKernels]) expect(decode(coded, [piece], kernels)).toEqual([values]);
});

test('every kind has its golden bytes', () => {
  const small = Uint8Array.from({ length: 36 }, (_, i) => (i * i) % 7);
  const shape = { rows: 2, columns: 2, positions: 9 };
  const coder = mixEncoder();
  coder.number(1000, 3);
  coder.signed(-5, 4);
  coder.levels(
    Int32Array.from(small, (size, i) => (i % 2 ? -size : size)),
    shape,
    'trellis',
  );
  coder.mask(
    small.map((size) => size & 1),
    shape,
  );
  coder.symbols(Uint16Array.from(small), 7, shape);
  coder.floats(
    Uint32Array.from(small, (size) => 0x3f800000 + size * 0x10001),
    'float32',
    9,
  );
  coder.bytes(small, 4, 3);
  expect(Buffer.from(coder.finish()).toString('hex')).toBe(
    'd4d1df84e95efa0e7fe24256b53f5d5ddf070c7896a4feac89c8e85fc3a6bb3230184c2746de6030c28cfe74d1a93f4d8d70469db0ee82b3bd595be34d04c947f3ca0f',
  );
});

test('an empty section takes no bytes', () => {
  expect(mixEncoder().finish()).toEqual(new Uint8Array(0));
  mixDecoder(new Uint8Array(0)).end();
});

test('what no model knows takes hardly more than its bits, and what repeats takes few', () => {
  const noise = Uint8Array.from({ length: 4000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  const coded = (values: Uint8Array): number => encode([{ values, code: (coder) => coder.bytes(values, 1, 100) }]).length;
  expect(coded(noise)).toBeLessThan(4400);
  expect(coded(new Uint8Array(4000))).toBeLessThan(30);
});

test('a symbol outside its alphabet is an error', () => {
  const shape = { rows: 1, columns: 20, positions: 1 };
  const bytes = encode([{ values: new Uint16Array(20).fill(3), code: (coder, values) => coder.symbols(values as Uint16Array, 4, shape) }]);
  const into = new Uint16Array(20);
  expect(errorOf(() => mixDecoder(bytes).symbols(into, 3, shape)).code).toBe('input.pith-code');
});

test('the conformance loop can fail: a decoder that is asked for another kind gives something else', () => {
  const values = Int32Array.from({ length: 81 }, (_, i) => i % 5);
  const shape = { rows: 9, columns: 9, positions: 1 };
  const bytes = encode([{ values, code: (coder) => coder.levels(values, shape, 'scalar') }]);
  const other: Piece = { values, code: (coder, into) => coder.levels(into as Int32Array, shape, 'trellis') };
  expect(outcome(() => decode(bytes, [other]))).not.toEqual([values]);
});

test('encoder and decoder give the same account of the bits that each array took, and it adds up to the bytes', () => {
  const arrays = [new Uint8Array(500), Uint8Array.from({ length: 500 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24)];
  const encoder = mixEncoder();
  const told = arrays.map((values) => {
    encoder.bytes(values, 1, 10);
    return encoder.position;
  });
  const bytes = encoder.finish();
  const decoder = mixDecoder(bytes);
  const heard = arrays.map((values) => {
    decoder.bytes(new Uint8Array(values.length), 1, 10);
    return decoder.position;
  });
  expect(heard).toEqual(told);
  expect(told[0]).toBeLessThan(200);
  expect(Math.abs(told[1]! - 8 * bytes.length)).toBeLessThan(32);
});
