/** Curves of bytes against error: what can be had at a size and at an error, against a search over many points of the lines. */
import { describe, expect, test } from 'vitest';
import { bytesAt, equalBytes, equalError, errorAt, front } from '../../src/report/compare-tables.js';

const points = [
  { bytes: 1000, error: 0.1 },
  { bytes: 400, error: 0.2 },
  { bytes: 500, error: 0.5 }, // beaten in both
  { bytes: 100, error: 0.6 },
];

/** The curve as many small pieces, which are searched one by one. */
const pieces = [
  [points[0]!, points[1]!],
  [points[1]!, points[3]!],
].flatMap(([a, b]) =>
  Array.from({ length: 20_001 }, (_, i) => ({
    bytes: a!.bytes * (b!.bytes / a!.bytes) ** (i / 20_000),
    error: a!.error + (b!.error - a!.error) * (i / 20_000),
  })),
);

describe('a curve', () => {
  test('is made of points that no other beats', () => {
    expect(front(points)).toEqual([points[0], points[1], points[3]]);
    expect(front([])).toEqual([]);
  });

  test.each([100, 101, 250, 400, 777, 1000, 5000])('has at %i bytes the least error of what is so small', (bytes) => {
    const least = Math.min(...pieces.filter((p) => p.bytes <= bytes * (1 + 1e-9)).map((p) => p.error));
    // the pieces are 2e-5 of the curve apart
    expect(errorAt(points, bytes)).toBeCloseTo(least, 4);
  });

  test.each([0.1, 0.11, 0.2, 0.33, 0.6, 0.9])('has at an error of %f the fewest bytes of what is so good', (error) => {
    const fewest = Math.min(...pieces.filter((p) => p.error <= error + 1e-9).map((p) => p.bytes));
    expect(Math.abs(bytesAt(points, error)! - fewest)).toBeLessThan(1);
  });

  test('ends where it ends', () => {
    expect([errorAt(points, 99), bytesAt(points, 0.09), errorAt([], 100), bytesAt([], 1)]).toEqual([null, null, null, null]);
  });
});

test('Rows are there where methods can be compared', () => {
  const curve = (method: string, scale: number) => ({
    method,
    what: method,
    points: points.map((p, i) => ({ ...p, bytes: p.bytes * scale, setting: '', loss: 0, fileHash: '', file: String(i) })),
  });
  const curves = [curve('a', 1), curve('b', 2)];
  const bytes = equalBytes({ curves, original: 20_000, reference: 0.1 });
  expect(bytes.map(({ at }) => at)).toEqual([2000, 1000, 666, 500, 333, 250, 200]);
  expect(bytes.map(({ values }) => values[1]! > values[0]!)).toEqual([false, true, true, true, true, true, true]);
  const error = equalError({ curves, original: 20_000, reference: 0.1 });
  expect(error.map(({ at }) => Number((100 * (at - 0.1)).toFixed(2)))).toEqual([0, 0.1, 0.2, 0.5, 1, 2, 5]);
  // the same curve at twice the size, to a byte of rounding
  for (const { values } of error) expect(Math.abs(values[1]! - 2 * values[0]!)).toBeLessThanOrEqual(1);
});
