/**
 * The search for a target over one number: the global constant of a squeeze, of which a larger one gives a smaller and less faithful file.
 * A trial is dear (the whole model is quantized, coded and measured), so few are made: the excess over the target is about linear in the
 * logarithm of the constant, which secants use; a bracket keeps them honest. Deterministic; trials may come with noise, and with results
 * that are not finite.
 */
import { checkSignal } from '../base/errors.js';

export interface Trial<T> {
  readonly constant: number;
  readonly value: T;
}

export interface SearchOptions<T> {
  /** Makes and measures a result. */
  readonly probe: (constant: number) => Promise<T>;
  /** By how much a result misses the target, as a logarithm: at most 0 where it holds. NaN and infinite: it misses by far. */
  readonly excess: (value: T) => number;
  /** `coarser`: the largest constant at which the target holds. `finer`: the smallest. The excess rises in that direction. */
  readonly direction: 'coarser' | 'finer';
  /** The first constant that is tried, unless there are trials already. */
  readonly start: number;
  /** What the excess is expected to rise by when the constant changes by a factor of e. */
  readonly slope: number;
  /** A target that holds by no more than this is reached. */
  readonly tolerance: number;
  readonly least: number;
  readonly most: number;
  /** Trials that were made before, for another target: they count, and cost nothing. */
  readonly known?: readonly Trial<T>[];
  /** 12 unless said; known trials not counted. */
  readonly rounds?: number;
  /** Whether what is known by now shows that the target cannot be met. */
  readonly hopeless?: (trials: readonly Trial<T>[]) => boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Found<T> {
  /** The furthest trial in the direction at which the target holds; undefined where there is none. */
  readonly best: Trial<T> | undefined;
  /** All trials, the known ones first. */
  readonly trials: readonly Trial<T>[];
}

/** Constants nearer to each other than this factor give the same file, near enough: steps are powers of 2^(1/16). */
const narrow = Math.log(1.015);
/** Steps out of what is known. */
const smallestStep = Math.log(1.05);
const largestStep = Math.log(16);
/** Where nothing is known but that a result misses by far. */
const blindStep = Math.log(4);

interface Point {
  /** Logarithm of the constant, with a sign so that the excess rises with it. */
  readonly at: number;
  readonly excess: number;
}

export async function searchConstant<T>(options: SearchOptions<T>): Promise<Found<T>> {
  const { probe, excess, direction, start, slope, tolerance, least, most, known = [], rounds = 12, hopeless, signal } = options;
  const sign = direction === 'coarser' ? 1 : -1;
  const ends = [sign * Math.log(least), sign * Math.log(most)].sort((a, b) => a - b) as [number, number];
  const trials = [...known];
  const pointOf = ({ constant, value }: Trial<T>): Point => {
    const miss = excess(value);
    return { at: sign * Math.log(constant), excess: Number.isFinite(miss) || miss < 0 ? miss : Number.POSITIVE_INFINITY };
  };
  for (let round = 0; round < rounds; round++) {
    checkSignal(signal);
    const at = trials.length === 0 ? sign * Math.log(start) : next(trials.map(pointOf), { slope, tolerance, ends });
    if (at === undefined || hopeless?.(trials)) break;
    const constant = Math.min(most, Math.max(least, Math.exp(sign * at)));
    trials.push({ constant, value: await probe(constant) });
  }
  const holding = trials.filter((trial) => pointOf(trial).excess <= 0);
  const best = holding.reduce<Trial<T> | undefined>((a, b) => (a && sign * a.constant >= sign * b.constant ? a : b), undefined);
  return { best, trials };
}

interface Aim {
  readonly slope: number;
  readonly tolerance: number;
  readonly ends: readonly [number, number];
}

/** Where to look next; undefined where nothing is to be gained. */
function next(points: readonly Point[], { slope, tolerance, ends }: Aim): number | undefined {
  const holding = points.filter((p) => p.excess <= 0);
  const inside = holding.length > 0 ? holding.reduce((a, b) => (b.at > a.at ? b : a)) : undefined;
  const missing = points.filter((p) => p.excess > 0 && (!inside || p.at > inside.at));
  const outside = missing.length > 0 ? missing.reduce((a, b) => (b.at < a.at ? b : a)) : undefined;
  if (inside && (inside.excess >= -tolerance || inside.at >= ends[1] - narrow)) return undefined;
  const aim = -tolerance / 2;
  if (inside && outside) return between(points, inside, outside, aim);
  const from = inside ?? outside!;
  if (!inside && from.at <= ends[0] + narrow) return undefined;
  const wanted = Number.isFinite(from.excess) ? (aim - from.excess) / slopeOf(points, slope) : -blindStep;
  const size = Math.min(largestStep, Math.max(smallestStep, Math.abs(wanted)));
  return Math.min(ends[1], Math.max(ends[0], from.at + (inside ? size : -size)));
}

/** A secant inside the bracket, or its middle where secants have come from one side three times. */
function between(points: readonly Point[], inside: Point, outside: Point, aim: number): number | undefined {
  const width = outside.at - inside.at;
  if (width < narrow) return undefined;
  const last = points.slice(-3);
  const stuck = last.length === 3 && (last.every((p) => p.at <= inside.at) || last.every((p) => p.at >= outside.at));
  const share = stuck || !Number.isFinite(outside.excess) ? 0.5 : (aim - inside.excess) / (outside.excess - inside.excess);
  return inside.at + width * Math.min(0.92, Math.max(0.08, share));
}

/** By the two last points, where they tell: noise and a flat place must not send the search far away. */
function slopeOf(points: readonly Point[], expected: number): number {
  const [a, b] = points.filter((p) => Number.isFinite(p.excess)).slice(-2);
  if (!a || !b || Math.abs(b.at - a.at) < narrow) return expected;
  return Math.min(4 * expected, Math.max(expected / 4, (b.excess - a.excess) / (b.at - a.at)));
}
