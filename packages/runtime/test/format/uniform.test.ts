/** Integers times steps: the dense form against a slow second way, steps and half floats at their edges, records, refusals. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bfloat16Bits, float16Bits } from '../../src/format/halves.js';
import { readPith } from '../../src/format/read.js';
import { coderChoices } from '../../src/format/sections.js';
import { densify, type StoredTensor } from '../../src/format/stored.js';
import { type Levels, narrowed, stepOf, type UniformStored } from '../../src/format/uniform.js';
import { writePith } from '../../src/format/write.js';
import { errorOf } from '../help/expect-code.js';
import { model, node, random, value } from '../help/models.js';
import { uniforms } from '../help/uniform.js';

const seed = 11;
const around = model({
  inputs: [value('x', 'N')],
  outputs: [{ name: 'y', dtype: null, dims: null }],
  nodes: [node('Mul', ['x', 'w'], ['y'])],
});
const roundTrip = (stored: StoredTensor): StoredTensor =>
  readPith(writePith({ model: around, stored: new Map([['w', stored]]) }).bytes).tensors.get('w')!;

const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0]!;
/** The number that a half float means. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  if (exponent === 31) return sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25));
}

/** Written for the reader's eye: state by state, entry by entry, from the sentences of FORMAT.md. */
function slow({ dims, view, levels, grid, step, rowSteps, columnSteps }: UniformStored): Float32Array {
  const table = [[0, 2], [5, 7], [1, 3], [6, 4], [2, 0], [4, 6], [3, 1], [7, 5]]; // biome-ignore format: a table
  const out = new Float32Array(dims.reduce((a, b) => a * b, 1));
  const width = view.columns * view.positions;
  let state = 0;
  for (const [i, level] of levels.entries()) {
    const row = Math.floor(i / width);
    const inRow = i % width;
    const column = Math.floor(inRow / view.positions);
    const e = Math.max(-2048, Math.min(2047, step + (rowSteps?.[row] ?? 0) + (columnSteps?.[column] ?? 0)));
    const value = grid === 'scalar' ? level : 2 * level - (state % 2 === 1 ? Math.sign(level) : 0);
    out[view.transposed ? inRow * view.rows + row : i] = value === 0 ? 0 : value * stepOf(e);
    state = table[state]![Math.abs(level % 2)]!;
  }
  return out;
}

describe('the dense form', () => {
  test('is that of the slow way in every type', () => {
    fc.assert(
      fc.property(uniforms, (stored) => {
        const floats = slow(stored);
        const { dtype, dims, data } = densify(stored);
        expect({ dtype, dims }).toEqual({ dtype: stored.dtype, dims: stored.dims });
        const bits = Uint32Array.from(floats, bitsOf);
        if (dtype === 'float32') expect(data).toEqual(floats);
        else if (dtype === 'float64') expect(data).toEqual(Float64Array.from(floats));
        else expect(data).toEqual(Uint16Array.from(bits, dtype === 'float16' ? float16Bits : bfloat16Bits));
      }),
      { seed, numRuns: 400 },
    );
  });

  test('steps are powers of two times sixteenths, finite and above zero at both ends', () => {
    expect([stepOf(0), stepOf(16), stepOf(-16), stepOf(8)]).toEqual([1, 2, 0.5, Math.fround(Math.SQRT2)]);
    expect(stepOf(-5000)).toBe(2 ** -128);
    expect(stepOf(5000)).toBe(stepOf(2047));
    expect(Number.isFinite(stepOf(2047))).toBe(true);
    for (let e = -2047; e < 2048; e++) expect(stepOf(e)).toBeGreaterThan(stepOf(e - 1));
  });

  test('float16 is the nearest one, the even one of two', () => {
    const next = random(seed);
    for (let i = 0; i < 20_000; i++) {
      const x = Math.fround((next() - 0.5) * 2 ** (40 * next() - 26));
      const got = float16Bits(bitsOf(x));
      const [below, above] = [half(got - 1), half(got + 1)].map((y) => (Number.isNaN(y) ? Number.POSITIVE_INFINITY : Math.abs(y - x)));
      const error = Math.abs(half(got) - x);
      if (Math.abs(x) < 65504) {
        expect(error).toBeLessThanOrEqual(Math.min(below!, above!));
        if (error === below || error === above) expect(got % 2).toBe(0);
      }
    }
    const at = (x: number): number => float16Bits(bitsOf(x));
    expect([at(65519), at(65520), at(-1e9)]).toEqual([0x7bff, 0x7c00, 0xfc00]);
    expect([at(2 ** -25), at(1.5 * 2 ** -25), at(2 ** -26), at(-(2 ** -24))]).toEqual([0, 1, 0, 0x8001]);
    expect([at(0), at(-0), at(2 ** -14 - 2 ** -26)]).toEqual([0, 0x8000, 0x400]);
  });

  test('bfloat16 is the upper half, rounded', () => {
    expect([0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff, 0xbf80ffff].map(bfloat16Bits)).toEqual([
      0x3f80, 0x3f82, 0x3f81, 0x7f80, 0xbf81,
    ]);
  });
});

describe('records', () => {
  const good: UniformStored = {
    kind: 'uniform',
    dtype: 'float32',
    dims: [2, 3],
    view: { rows: 2, columns: 3, positions: 1, transposed: false },
    levels: Int32Array.of(0, 1, -1, 2, 0, 0),
    grid: 'trellis',
    step: -100,
    rowSteps: Int8Array.of(1, -1),
    columnSteps: null,
  };

  test('tell how many weights are not zero, and the bits of levels and steps', () => {
    const { report } = writePith({ model: around, stored: new Map([['w', good]]) });
    expect(report.tensors[0]).toMatchObject({ parametrization: 'uniform', kept: 3, entries: 6 });
    expect(report.tensors[0]?.uncoded).toMatchObject({ values: (6 * 2) / 8, codebook: (16 + 16) / 8 });
  });

  test.each<[string, Partial<UniformStored>]>([
    ['a type that is no float', { dtype: 'int8' as 'float32' }],
    ['a view of another size', { view: { ...good.view, columns: 4 } }],
    ['a transposed vector', { dims: [6], view: { rows: 6, columns: 1, positions: 1, transposed: true } }],
    ['too few levels', { levels: new Int32Array(5) }],
    ['a level of 2^24', { levels: Int32Array.of(0, 0, 0, 0, 0, 2 ** 24) }],
    ['a step beyond the range', { step: 2048 }],
    ['a step between the sixteenths', { step: 0.5 }],
    ['one step of rows too many', { rowSteps: new Int8Array(3) }],
    ['steps of columns for rows', { columnSteps: new Int8Array(2) }],
  ])('the writer refuses %s', (_, wrong) => {
    const error = errorOf(() => roundTrip({ ...good, ...wrong }));
    expect(error.code).toBe('usage.stored');
    expect(error.detail.at?.tensor).toBe('w');
  });

  test('levels are kept in the narrowest array that holds them, and coded the same from any', () => {
    const cases = [
      [127, -128, Int8Array],
      [128, 0, Int16Array],
      [0, -129, Int16Array],
      [32_767, -32_768, Int16Array],
      [32_768, 0, Int32Array],
      [0, -32_769, Int32Array],
    ] as const;
    for (const [most, least, kind] of cases) {
      const wide = Int32Array.of(0, 1, -1, most, least, 0);
      const narrow = narrowed(wide);
      expect(narrow).toBeInstanceOf(kind);
      expect([...narrow]).toEqual([...wide]);
      for (const coder of coderChoices) {
        const bytes = (levels: Levels) => writePith({ model: around, stored: new Map([['w', { ...good, levels }]]), coder }).bytes;
        expect(bytes(narrow)).toEqual(bytes(wide));
      }
    }
  });
});
