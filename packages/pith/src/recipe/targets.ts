/**
 * Targets instead of knobs: decides from what has been measured so far which step comes next. A pure function of the records, so that a run
 * that was cut off makes the same decisions again. The searches of recipes are in search/.
 */
import type { Step } from './recipe.js';

export interface Targets {
  /** Bytes of the whole file. */
  readonly maxSize?: number | undefined;
  /** Largest rise of the top-1 error over the reference, as a fraction (0.001 is 0.1 point). */
  readonly maxDrop?: number | undefined;
}

/** What the planner needs to know of a step that was run. */
export interface Measured {
  readonly round: number;
  /** What the round aims at: a density, or λ. */
  readonly aim: number;
  readonly use: string;
  readonly bytes: number;
  readonly error: number;
}

export type Next =
  /** Run this step from the state after record `from` (−1: the reference). `rounds`: of all, where that is known. */
  | {
      readonly kind: 'step';
      readonly step: Step;
      readonly from: number;
      readonly round: number;
      readonly aim: number;
      readonly rounds?: number;
    }
  /** Nothing more to do: the state after this record is the result. */
  | { readonly kind: 'end'; readonly chosen: number; readonly met: boolean };

export type Planner = (records: readonly Measured[], referenceError: number) => Next;

/** A planner that runs a list of steps once. */
export const fixedPlan =
  (steps: readonly Step[]): Planner =>
  (records) =>
    records.length < steps.length
      ? { kind: 'step', step: steps[records.length]!, from: records.length - 1, round: 0, aim: 0 }
      : { kind: 'end', chosen: records.length - 1, met: true };

/** The index of the last record of each round. */
export const roundEnds = (records: readonly Measured[]): number[] =>
  records.flatMap((r, i) => (records[i + 1]?.round === r.round ? [] : [i]));

export interface Verdict {
  readonly size: boolean;
  readonly drop: boolean;
}

export const verdict = (r: Measured, { maxSize, maxDrop }: Targets, referenceError: number): Verdict => ({
  size: maxSize === undefined || r.bytes <= maxSize,
  // The difference of two counts over the number of images, which rounding must not push over the edge.
  drop: maxDrop === undefined || r.error - referenceError <= maxDrop + 5e-9,
});

/** Among rounds that meet the targets the smallest file; else the one that misses the drop least, or the size. */
export function choose(
  records: readonly Measured[],
  ends: readonly number[],
  verdicts: readonly Verdict[],
  referenceError: number,
): { readonly chosen: number; readonly met: boolean } {
  const good = ends.filter((_, k) => verdicts[k]!.size && verdicts[k]!.drop);
  const smallest = (list: readonly number[]): number => list.reduce((a, b) => (records[b]!.bytes < records[a]!.bytes ? b : a));
  if (good.length > 0) return { chosen: smallest(good), met: true };
  const accurate = ends.filter((_, k) => verdicts[k]!.drop); // all of them where only a size was asked for
  if (accurate.length > 0) return { chosen: smallest(accurate), met: false };
  const miss = (i: number): number => records[i]!.error - referenceError;
  return { chosen: ends.reduce((a, b) => (miss(b) < miss(a) ? b : a)), met: false };
}
