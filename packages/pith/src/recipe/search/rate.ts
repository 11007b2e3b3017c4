/**
 * The search for λ, the loss that a bit costs. A size is met by steering λ while the network trains, then by shorter rounds from where it
 * stands until the file fits; a drop in accuracy by larger λ as long as it allows. Each round starts from the network of one before.
 */
import { parseStep, type Step, type StepInput } from '../recipe.js';
import { choose, type Measured, type Planner, roundEnds, type Targets, type Verdict, verdict } from '../targets.js';

export interface RateSearchOptions {
  readonly name: string;
  readonly targets: Targets;
  /** λ of the first round. */
  readonly lambda: number;
  /** Epochs of the first round. */
  readonly epochs: number;
  /** The one step of a round: from the reference, or from a network that was trained at another λ. */
  readonly stepAt: (lambda: number, epochs: number, begun: boolean) => StepInput;
}

const mostRounds = 6;
/** Two λ nearer than this are not worth another round. */
const nearEnough = 1.15;
/** Bytes fall about with λ to the power −1/2.2. */
const power = 2.2;
/** Of the first round's epochs. */
export const further = 0.3;

export function ratePlan({ name, targets, lambda, epochs, stepAt }: RateSearchOptions): Planner {
  const stepOf = (aim: number, begun: boolean): Step =>
    parseStep(stepAt(Number(aim.toPrecision(6)), begun ? Math.max(1, Math.round(further * epochs)) : epochs, begun), name);
  return (records, referenceError) => {
    if (records.length === 0) return { kind: 'step', step: stepOf(lambda, false), from: -1, round: 0, aim: lambda };
    const ends = roundEnds(records);
    const verdicts = ends.map((i) => verdict(records[i]!, targets, referenceError));
    const next = nextAim(records, verdicts, targets);
    if (next === undefined) return { kind: 'end', ...choose(records, ends, verdicts, referenceError) };
    const round = records.length;
    return { kind: 'step', step: stepOf(next.aim, true), from: next.from, round, aim: next.aim };
  };
}

/** λ of the next round, and the record that it starts from. */
function nextAim(
  records: readonly Measured[],
  verdicts: readonly Verdict[],
  { maxSize, maxDrop }: Targets,
): { readonly aim: number; readonly from: number } | undefined {
  const last = records.length - 1;
  const { aim, bytes } = records[last]!;
  if (records.length >= mostRounds || aim <= 0 || !Number.isFinite(aim)) return undefined;
  if (maxSize !== undefined)
    return verdicts[last]!.size ? undefined : { aim: aim * Math.max(1.1, (1.02 * bytes) / maxSize) ** power, from: last };
  if (maxDrop === undefined) return undefined;
  const aims = records.map((r) => r.aim);
  const good = Math.max(...aims.filter((_, i) => verdicts[i]!.drop), 0);
  const bad = Math.min(...aims.filter((_, i) => !verdicts[i]!.drop), Number.POSITIVE_INFINITY);
  if (good === 0) return { aim: aim / 3, from: last };
  const from = aims.lastIndexOf(good);
  if (bad === Number.POSITIVE_INFINITY) return { aim: 2 * good, from };
  return bad / good > nearEnough ? { aim: Math.sqrt(good * bad), from } : undefined;
}
