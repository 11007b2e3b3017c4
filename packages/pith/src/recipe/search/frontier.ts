/**
 * The whole curve of bytes against error: rate–distortion training at one λ after the other, from the smallest on, each from the network of
 * the one before, which only gets smaller. A point is a round.
 */
import { parseStep } from '../recipe.js';
import { choose, type Planner, roundEnds, type Targets, verdict } from '../targets.js';
import { further, type RateSearchOptions } from './rate.js';

/** Where no λ is named: bytes fall by about a quarter from point to point. */
const usual = [1e-6, 2e-6, 4e-6, 8e-6, 1.6e-5, 3.2e-5] as const;

/** `true`: the usual ladder. */
export type Ladder = true | readonly number[];

export const lambdasOf = (ladder: Ladder): readonly number[] => (ladder === true ? usual : ladder);

export const mostPoints = 64;

export interface FrontierOptions extends Pick<RateSearchOptions, 'name' | 'targets' | 'epochs' | 'stepAt'> {
  /** Rising. */
  readonly lambdas: readonly number[];
}

/** Where nothing is asked for: no worse than the reference. */
const noWorse: Targets = { maxDrop: 0 };

/** Targets choose among the points; without one it is the smallest that is no worse than the reference, else the best. */
export function frontierPlan({ name, targets, lambdas, epochs, stepAt }: FrontierOptions): Planner {
  const asked = targets.maxSize !== undefined || targets.maxDrop !== undefined;
  return (records, referenceError) => {
    const round = records.length;
    const aim = lambdas[round];
    if (aim !== undefined) {
      const length = round === 0 ? epochs : Math.max(1, Math.round(further * epochs));
      const step = parseStep(stepAt(aim, length, round > 0), `${name}, point ${round + 1}`);
      return { kind: 'step', step, from: round - 1, round, aim, rounds: lambdas.length };
    }
    const ends = roundEnds(records);
    const wanted = asked ? targets : noWorse;
    const { chosen, met } = choose(
      records,
      ends,
      ends.map((i) => verdict(records[i]!, wanted, referenceError)),
      referenceError,
    );
    return { kind: 'end', chosen, met: met || !asked };
  };
}
