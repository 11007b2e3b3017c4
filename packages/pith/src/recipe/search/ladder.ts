/**
 * Ladders: the same method at one setting after the other, so that its whole curve is there. Each rung is a round with the steps of the
 * method; it begins where an earlier rung had got to, or at the reference.
 */
import { parseStep, type StepInput } from '../recipe.js';
import type { Planner } from '../targets.js';

export interface Rung {
  /** What the rung is about: a density, a number of bits. */
  readonly aim: number;
  readonly steps: readonly StepInput[];
}

export interface LadderOptions {
  readonly name: string;
  readonly rungs: readonly Rung[];
  /** The step of a rung that the next one goes on from, counted from 0; −1: each begins at the reference. */
  readonly goesOnAt: number;
}

export function ladderPlan({ name, rungs, goesOnAt }: LadderOptions): Planner {
  const flat = rungs.flatMap(({ aim, steps }, round) => steps.map((step, at) => ({ aim, round, step, at })));
  const firsts = rungs.map((_, round) => rungs.slice(0, round).reduce((sum, { steps }) => sum + steps.length, 0));
  return (records) => {
    const next = flat[records.length];
    if (!next) return { kind: 'end', chosen: records.length - 1, met: true };
    const { aim, round, at } = next;
    const from = at > 0 ? records.length - 1 : round === 0 || goesOnAt < 0 ? -1 : firsts[round - 1]! + goesOnAt;
    return { kind: 'step', step: parseStep(next.step, `${name}, rung ${round + 1}`), from, round, aim, rounds: rungs.length };
  };
}
