/** Prices against a slow count of what lies in each row, column, position and around each entry. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { estimatedBits, type Fit, pricesOf } from '../../../src/train/rate/prices.js';
import type { PricedShape } from '../../../src/train/rate/shape.js';
import { worst } from '../../support/compare.js';

const logit = (p: number): number => Math.log(p / (1 - p));
const bits = (odds: number): number => Math.log2(1 + Math.exp(-odds));

/** The place of entry (r, i) in the weight. */
const placeOf = ({ rows, columns, positions, transposed = false }: PricedShape, r: number, i: number): number =>
  transposed ? i * rows + r : r * columns * positions + i;

/** Unclamped prices, and the bits of all entries. */
function slowly(levels: Int32Array, shadow: Float32Array, shape: PricedShape, fit: Fit): { prices: Float64Array; bits: number } {
  const { rows, columns, positions } = shape;
  const width = columns * positions;
  const picture = shape.imageWidth ?? (Number.isInteger(Math.sqrt(positions)) ? Math.sqrt(positions) : positions);
  const at = (r: number, i: number): number => levels[placeOf(shape, r, i)]!;
  const entries = Array.from({ length: rows }, (_, r) => Array.from({ length: width }, (_, i) => [r, i] as const)).flat();
  const whole = (levels.filter((q) => q !== 0).length + 0.5) / (levels.length + 1);
  const sum = levels.reduce((total, q) => total + Math.abs(q), 0);
  const theta = 1 - levels.filter((q) => q !== 0).length / sum;
  const prices = new Float64Array(levels.length);
  let total = 0;
  for (const [r, i] of entries) {
    const [c, p] = [Math.floor(i / positions), i % positions];
    const count = (which: (y: number, x: number) => boolean): [number, number] => {
      const inside = entries.filter(([y, x]) => which(y, x) && !(y === r && x === i));
      return [inside.filter(([y, x]) => at(y, x) !== 0).length, inside.length];
    };
    const apart = (groups: number, [seen, of]: [number, number]): number =>
      groups === 1 ? 0 : logit((seen + 8 * whole) / (of + 8)) - logit(whole);
    const far = (x: number): number[] =>
      [x % positions, p].map((k) => [k % picture, Math.floor(k / picture)]).reduce((a, b) => a.map((v, k) => Math.abs(v - b[k]!)));
    const slice = (y: number, x: number): boolean => y === r && Math.floor(x / positions) === c;
    const around = (which: (dx: number, dy: number) => boolean) =>
      count((y, x) => slice(y, x) && which(...(far(x) as [number, number])))[0];
    const facts = [
      1,
      logit(whole) +
        apart(
          rows,
          count((y) => y === r),
        ) +
        apart(
          columns,
          count((_, x) => Math.floor(x / positions) === c),
        ) +
        apart(
          positions,
          count((_, x) => x % positions === p),
        ),
      Math.log(count(slice)[0] + 0.5),
      Math.log(around((dx, dy) => dx + dy === 1) + 0.5),
      Math.log(around((dx, dy) => dx === 1 && dy === 1) + 0.5),
      Math.log(around((dx, dy) => Math.max(dx, dy) === 2) + 0.5),
    ];
    const odds = facts.reduce((s, f, k) => s + f * fit[k]!, 0);
    let leaning = 0;
    for (const [y, x] of entries) {
      const [dx, dy] = far(x) as [number, number];
      if (slice(y, x) && dx <= 1 && dy <= 1 && dx + dy > 0) leaning += Math.sign(at(y, x)) * (3 - dx - dy);
    }
    const plus = fit[6]! + fit[7]! * leaning;
    const place = placeOf(shape, r, i);
    prices[place] = bits(shadow[place]! < 0 ? -plus : plus) - Math.log2(1 - theta) - odds * Math.LOG2E;
    const q = levels[place]!;
    total += bits(q === 0 ? -odds : odds);
    if (q !== 0) total += bits(q < 0 ? -plus : plus) - Math.log2(1 - theta) - (Math.abs(q) - 1) * Math.log2(theta);
  }
  return { prices, bits: total };
}

const rounding = { abs: 1e-4, rel: 1e-5, because: 'prices are float32' };

describe.each<[string, PricedShape]>([
  ['a matrix', { rows: 9, columns: 12, positions: 1 }],
  ['a matrix that lies transposed', { rows: 9, columns: 12, positions: 1, transposed: true }],
  ['kernels', { rows: 5, columns: 4, positions: 9 }],
  ['kernels along a line', { rows: 5, columns: 4, positions: 7 }],
  ['pixels of an image', { rows: 6, columns: 1, positions: 42, imageWidth: 7 }],
  ['pixels of an image, transposed', { rows: 6, columns: 1, positions: 42, imageWidth: 7, transposed: true }],
])('prices of %s', (name, shape) => {
  const random = Random.of(5, name);
  const size = shape.rows * shape.columns * shape.positions;
  const levels = Int32Array.from({ length: size }, (_, i) =>
    random.unit() < (i % 5 === 0 ? 0.5 : 0.1) ? Math.round(2 * random.normal()) || 1 : 0,
  );
  const shadow = Float32Array.from(levels, (q) => q || random.normal());

  test('are what counting gives, whatever surroundings tell', () => {
    const plain = shape.positions === 1 ? 0 : 1;
    const fit = Float32Array.of(0.3 * plain, 0.9, 0.2 * plain, 0.5 * plain, -0.2 * plain, 0.1 * plain, 0.2, 0.3 * plain);
    const expected = slowly(levels, shadow, shape, fit).prices.map((p) => Math.min(Math.max(p, 0.5), 15));
    const { leave, level } = pricesOf(levels, shadow, shape, fit);
    expect(worst(leave, expected, rounding)).toBeLessThanOrEqual(1);
    expect(worst(leave.toReversed(), expected, rounding), 'a twin in another order').toBeGreaterThan(1);
    expect(level).toBeGreaterThan(0);
  });

  test('add up to the bits of the whole', () => {
    const { fit } = pricesOf(levels, shadow, shape);
    expect(estimatedBits(levels, shape, fit) / slowly(levels, shadow, shape, fit).bits).toBeCloseTo(1, 6);
    // with few entries the likeliest weights differ by the hold towards the prior, which is paid for in bits
    expect(estimatedBits(levels, shape)).toBeLessThan(1.05 * estimatedBits(levels, shape, fit));
  });

  test('are high where nothing is, and finite where nothing or everything is', () => {
    const nothing = new Int32Array(size);
    expect(pricesOf(nothing, shadow, shape).leave.every((price) => price > 5)).toBe(true);
    const all = new Int32Array(size).fill(-3);
    expect(pricesOf(all, shadow, shape).leave.every((price) => price >= 0.5 && price <= 15)).toBe(true);
    expect(Number.isFinite(estimatedBits(nothing, shape)) && Number.isFinite(estimatedBits(all, shape))).toBe(true);
  });
});

describe('What surroundings tell', () => {
  const shape = { rows: 20, columns: 1, positions: 144, imageWidth: 12 };
  const random = Random.of(3, 'blots');
  /** In every image one blot of one sign; or as many entries anywhere, of any sign. */
  const levelsOf = (blots: boolean): Int32Array => {
    const levels = new Int32Array(20 * 144);
    for (let r = 0; r < 20; r++) {
      const [x, y, sign] = [random.below(9), random.below(9), random.below(2) === 0 ? 1 : -1];
      for (let k = 0; k < 9; k++) {
        if (blots) levels[r * 144 + (y + Math.floor(k / 3)) * 12 + x + (k % 3)] = sign;
        else levels[r * 144 + random.below(144)] = random.below(2) === 0 ? 1 : -1;
      }
    }
    return levels;
  };

  test('is learned from what lies together', () => {
    const [blots, strewn] = [levelsOf(true), levelsOf(false)];
    expect(estimatedBits(blots, shape)).toBeLessThan(0.25 * estimatedBits(strewn, shape));
    const inside = (levels: Int32Array): number => {
      const { leave } = pricesOf(levels, Float32Array.from(levels), shape);
      const of = leave.filter((_, i) => levels[i] !== 0);
      return of.reduce((a, b) => a + b, 0) / of.length;
    };
    expect(inside(blots)).toBeLessThan(2);
    expect(inside(strewn), 'a twin in which nothing lies together').toBeGreaterThan(4);
  });

  test('makes the sign of its neighbours cheap and the other dear', () => {
    const levels = levelsOf(true);
    const { fit } = pricesOf(levels, Float32Array.from(levels), shape);
    const price = (turn: number): Float32Array =>
      pricesOf(
        levels,
        Float32Array.from(levels, (q) => turn * q),
        shape,
        fit,
      ).leave;
    const [same, other] = [price(1), price(-1)];
    expect(levels.every((q, i) => q === 0 || other[i]! > same[i]! + 1)).toBe(true);
  });
});
