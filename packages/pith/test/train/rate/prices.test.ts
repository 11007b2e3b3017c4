/** Prices against a slow count of what lies in each row, column, position and beside each entry. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { type PricedShape, pricesOf } from '../../../src/train/rate/prices.js';
import { worst } from '../../support/compare.js';

const logit = (p: number): number => Math.log(p / (1 - p));

/** The place of entry (r, i) in the weight. */
const placeOf = ({ rows, columns, positions, transposed = false }: PricedShape, r: number, i: number): number =>
  transposed ? i * rows + r : r * columns * positions + i;

function slowly(levels: Int32Array, shape: PricedShape): number[] {
  const { rows, columns, positions, imageWidth } = shape;
  const width = columns * positions;
  const at = (r: number, i: number): number => Number(levels[placeOf(shape, r, i)] !== 0);
  const entries = Array.from({ length: rows }, (_, r) => Array.from({ length: width }, (_, i) => [r, i] as const)).flat();
  const among = (which: (r: number, i: number) => boolean): [count: number, of: number] => {
    const inside = entries.filter(([r, i]) => which(r, i));
    return [inside.reduce((sum, [r, i]) => sum + at(r, i), 0), inside.length];
  };
  const [count] = among(() => true);
  const whole = (count + 0.5) / (levels.length + 1);
  const smooth = ([seen, of]: [number, number]): number => logit((seen + 8 * whole) / (of + 8));
  const sum = levels.reduce((total, q) => total + Math.abs(q), 0);
  const theta = 1 - count / sum;
  const prices = new Array<number>(levels.length);
  for (const [r, i] of entries) {
    const c = Math.floor(i / positions);
    const p = i % positions;
    const odds =
      smooth(among((y) => y === r)) +
      smooth(among((_, x) => Math.floor(x / positions) === c)) +
      smooth(among((_, x) => x % positions === p)) -
      2 * logit(whole);
    const known = 1 / (1 + Math.exp(-odds));
    const near = (y: number, x: number): boolean => {
      if (y === r && x === i) return false;
      if (imageWidth !== undefined)
        return (
          y === r &&
          Math.abs(Math.floor(x / imageWidth) - Math.floor(i / imageWidth)) <= 1 &&
          Math.abs((x % imageWidth) - (i % imageWidth)) <= 1
        );
      return positions > 1 ? y === r && Math.floor(x / positions) === c : x === i;
    };
    const beside = imageWidth !== undefined ? 8 : positions > 1 ? positions - 1 : rows - 1;
    const chance = (among(near)[0] + 8 * known) / (beside + 8);
    const bits = 1 - Math.log2(1 - theta) - Math.log2(chance / (1 - chance));
    prices[placeOf(shape, r, i)] = Math.min(Math.max(bits, 0.5), 15);
  }
  return prices;
}

const rounding = { abs: 1e-4, rel: 1e-5, because: 'prices are float32' };

describe.each<[string, PricedShape]>([
  ['a matrix', { rows: 9, columns: 12, positions: 1 }],
  ['a matrix that lies transposed', { rows: 9, columns: 12, positions: 1, transposed: true }],
  ['kernels', { rows: 5, columns: 4, positions: 9 }],
  ['pixels of an image', { rows: 6, columns: 1, positions: 42, imageWidth: 7 }],
  ['pixels of an image, transposed', { rows: 6, columns: 1, positions: 42, imageWidth: 7, transposed: true }],
])('prices of %s', (name, shape) => {
  const random = Random.of(5, name);
  const size = shape.rows * shape.columns * shape.positions;
  const levels = Int32Array.from({ length: size }, (_, i) =>
    random.unit() < (i % 5 === 0 ? 0.5 : 0.1) ? Math.round(2 * random.normal()) || 1 : 0,
  );

  test('are what counting gives', () => {
    const expected = Float64Array.from(slowly(levels, shape));
    const { leave, level } = pricesOf(levels, shape);
    expect(worst(leave, expected, rounding)).toBeLessThanOrEqual(1);
    expect(worst(leave.toReversed(), expected, rounding)).toBeGreaterThan(1);
    expect(level).toBeGreaterThan(0);
  });

  test('are high where nothing is, and finite where nothing or everything is', () => {
    expect(pricesOf(new Int32Array(size), shape).leave.every((bits) => bits > 5)).toBe(true);
    expect(pricesOf(new Int32Array(size).fill(-3), shape).leave.every((bits) => Number.isFinite(bits) && bits >= 0.5)).toBe(true);
  });
});
