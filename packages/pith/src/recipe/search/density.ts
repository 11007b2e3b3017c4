/**
 * The search for the density of a recipe that prunes. Only a size: lower the density until the file fits. Only a drop in accuracy: lower it
 * as far as the drop allows. Both: until both hold.
 */
import { parseStep, type Step, type StepInput } from '../recipe.js';
import { choose, type Measured, type Planner, roundEnds, type Targets, type Verdict, verdict } from '../targets.js';

export interface Aim {
  /** Share of the weights that is kept at the end. */
  readonly density: number;
  /** Epochs of retraining in all, about. */
  readonly epochs: number;
}

/** The steps of a recipe at a density, so that a search can move that one number. */
export interface DensityRecipe {
  readonly name: string;
  /** Share of the weights that is kept where no target says otherwise. */
  readonly density: number;
  /** Steps from a trained network. */
  whole(aim: Aim): readonly StepInput[];
  /** Steps from a network that is already pruned and retrained at a larger density. */
  further(aim: Aim): readonly StepInput[];
}

const mostRounds = 8;
/** Two densities nearer than this are not worth another round. */
const nearEnough = 1.15;

export interface SearchOptions {
  readonly recipe: DensityRecipe;
  readonly targets: Targets;
  /** Where the search begins; absent: as the recipe has it. */
  readonly density?: number | undefined;
  /** Epochs of retraining in a round, about. */
  readonly epochs: number;
}

/** A planner that moves the density of a recipe until the targets hold. */
export function searchPlan({ recipe, targets, density = recipe.density, epochs }: SearchOptions): Planner {
  const stepsOf = (aim: number, start: number): Step[] =>
    (start < 0 ? recipe.whole({ density: aim, epochs }) : recipe.further({ density: aim, epochs })).map((s, i) =>
      parseStep(s, `${recipe.name}, step ${i + 1}`),
    );
  return (records, referenceError) => {
    const round = records.at(-1)?.round ?? 0;
    const inRound = records.filter((r) => r.round === round);
    const aim = inRound[0]?.aim ?? density;
    const start = startOf(records, round, aim);
    const steps = stepsOf(aim, start);
    if (inRound.length < steps.length) {
      const from = inRound.length === 0 ? start : records.length - 1;
      return { kind: 'step', step: steps[inRound.length]!, from, round, aim };
    }
    const ends = roundEnds(records);
    const verdicts = ends.map((i) => verdict(records[i]!, targets, referenceError));
    const next = nextAim(
      ends.map((i) => records[i]!),
      verdicts,
      targets,
    );
    if (next === undefined) return { kind: 'end', ...choose(records, ends, verdicts, referenceError) };
    const from = startOf(records, round + 1, next);
    return { kind: 'step', step: stepsOf(next, from)[0]!, from, round: round + 1, aim: next };
  };
}

/** The last record before sharing of an earlier round with the smallest density above `aim`; −1 where there is none. */
function startOf(records: readonly Measured[], round: number, aim: number): number {
  let best = -1;
  records.forEach((r, i) => {
    const before = r.round < round && r.aim > aim && records[i + 1]?.use === 'share' && records[i + 1]?.round === r.round;
    if (before && (best < 0 || r.aim < records[best]!.aim)) best = i;
  });
  return best;
}

/** The density of the next round, or undefined where nothing more can be gained. `rounds` are the last records of all rounds. */
function nextAim(rounds: readonly Measured[], verdicts: readonly Verdict[], { maxDrop, maxSize }: Targets): number | undefined {
  if (rounds.length >= mostRounds) return undefined;
  const aims = rounds.map((r) => r.aim);
  const last = rounds.at(-1)!;
  const { size, drop } = verdicts.at(-1)!;
  if (maxSize !== undefined) {
    if (size === drop) return undefined; // met; or too large and too wrong, which no density mends
    const aim = densityFor(maxSize, rounds);
    if (!size) return fresh(aims, Math.max(0.1 * last.aim, Math.min(0.95 * last.aim, aim)));
    return aim > last.aim ? fresh(aims, Math.min(1, 1.6 * last.aim, aim)) : undefined;
  }
  if (maxDrop === undefined) return undefined;
  const good = Math.min(...aims.filter((_, i) => verdicts[i]!.drop), Number.POSITIVE_INFINITY);
  const bad = Math.max(...aims.filter((_, i) => !verdicts[i]!.drop), 0);
  if (good === Number.POSITIVE_INFINITY) return fresh(aims, Math.min(1, last.aim * 1.6));
  if (bad === 0) return fresh(aims, good * 0.75);
  return good / bad > nearEnough ? fresh(aims, Math.sqrt(good * bad)) : undefined;
}

/**
 * The largest density at which the file should fit: by the line through the two rounds whose files come nearest to that size (its height at
 * 0 is what the file holds beside weights); after one round in proportion.
 */
function densityFor(maxSize: number, rounds: readonly Measured[]): number {
  const [a, b] = [...rounds].sort((p, q) => Math.abs(p.bytes - maxSize) - Math.abs(q.bytes - maxSize));
  const slope = b ? (b.bytes - a!.bytes) / (b.aim - a!.aim) : 0;
  const wanted = 0.99 * maxSize;
  return slope > 0 ? a!.aim + (wanted - a!.bytes) / slope : (a!.aim * wanted) / a!.bytes;
}

const fresh = (aims: readonly number[], aim: number): number | undefined =>
  aims.some((a) => Math.max(a / aim, aim / a) < 1.02) || aim < 1e-5 ? undefined : aim;
