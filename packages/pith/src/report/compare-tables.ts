/**
 * Methods side by side at equal bytes and at equal error. A curve is what can be had: at a size, the least error of any point that small or
 * smaller; between two such points, by the line through them over the logarithm of the size.
 */
import type { ComparedCurve, ComparedRow } from './compare-report.js';

type Point = Pick<ComparedCurve['points'][number], 'bytes' | 'error'>;

/** Points that no other one beats in both, by falling size: errors rise. */
export function front(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of [...points].sort((a, b) => a.bytes - b.bytes || a.error - b.error))
    if (kept.length === 0 || point.error < kept.at(-1)!.error) kept.push(point);
  return kept.reverse();
}

/** Error at a size; null below the smallest file. */
export function errorAt(points: readonly Point[], bytes: number): number | null {
  const curve = front(points);
  const below = curve.findIndex((p) => p.bytes <= bytes);
  if (below < 0) return null;
  const [large, small] = [curve[below - 1], curve[below]!];
  if (!large) return small.error;
  const share = Math.log(bytes / small.bytes) / Math.log(large.bytes / small.bytes);
  return small.error + share * (large.error - small.error);
}

/** Bytes at an error; null where no point is so good. */
export function bytesAt(points: readonly Point[], error: number): number | null {
  const curve = front(points);
  const good = curve.filter((p) => p.error <= error).length;
  if (good === 0) return null;
  const [small, large] = [curve[good], curve[good - 1]!];
  if (!small) return large.bytes;
  const share = (error - large.error) / (small.error - large.error);
  return Math.round(large.bytes * (small.bytes / large.bytes) ** share);
}

/** Compression rates and rises of the error, in points, that people ask for. */
const rates = [5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000];
const rises = [0, 0.1, 0.2, 0.5, 1, 2, 5];

export interface Anchors {
  readonly curves: readonly ComparedCurve[];
  readonly original: number;
  readonly reference: number;
}

/** At those rates that two methods reach at least. */
export const equalBytes = ({ curves, original }: Anchors): ComparedRow[] =>
  rates
    .map((rate) => Math.floor(original / rate))
    .filter((bytes) => bytes <= Math.max(0, ...curves.flatMap(({ points }) => points.map((p) => p.bytes))))
    .map((at) => ({ at, values: curves.map(({ points }) => errorAt(points, at)) }))
    .filter(({ values }) => values.filter((value) => value !== null).length >= Math.min(2, curves.length));

/** At those errors that any method reaches. */
export const equalError = ({ curves, reference }: Anchors): ComparedRow[] =>
  rises
    .map((points) => reference + points / 100)
    .map((at) => ({ at, values: curves.map(({ points }) => bytesAt(points, at)) }))
    .filter(({ values }) => values.some((value) => value !== null));
