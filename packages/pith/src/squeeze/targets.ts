/**
 * Targets of a squeeze, met by a search over its constant. A quality asks for the smallest file that has it, a size for the best file that
 * fits. Where the file that fits is broken, the smallest one that is not is the best there is, and the target is missed. Without a target
 * the usual constant is tried, and finer ones only where the result is less faithful than anybody would want it.
 */
import { type SearchOptions, searchConstant, type Trial } from './search.js';

export interface SqueezeTargets {
  /** Bytes of the whole file. */
  readonly maxBytes?: number | undefined;
  /** Least cosine between original and decoded outputs. */
  readonly minFidelity?: number | undefined;
  /** Largest rise of the top-1 error, in percentage points. */
  readonly maxDrop?: number | undefined;
}

/** What a trial has to tell. */
export interface Measured {
  readonly bytes: number;
  /** Cosine between original and decoded outputs, of the worst output. NaN: an output is not finite. */
  readonly fidelity: number;
  /** Of the top-1 error, in percentage points; where there are labels. */
  readonly drop?: number;
}

export interface TargetSearch<T extends Measured> {
  readonly targets: SqueezeTargets;
  readonly constants: { readonly least: number; readonly usual: number; readonly most: number };
  readonly probe: (constant: number) => Promise<T>;
  readonly signal?: AbortSignal | undefined;
}

export interface Chosen<T> {
  /** May be broken, where no constant gives a file that is not: that is for the caller to refuse. */
  readonly best: Trial<T>;
  readonly trials: readonly Trial<T>[];
  /** Whether all targets are met. */
  readonly met: boolean;
}

/** A file below this is broken. */
export const brokenBelow = 0.9;
/** Without a target, a file is at least as faithful as this where any is. */
const usualFidelity = 0.995;

export const isBroken = ({ fidelity }: Measured): boolean => !(fidelity >= brokenBelow);

const meetsTargets = ({ maxBytes, minFidelity, maxDrop }: SqueezeTargets, { bytes, fidelity, drop }: Measured): boolean =>
  (maxBytes === undefined || bytes <= maxBytes) &&
  (minFidelity === undefined || fidelity >= minFidelity) &&
  (maxDrop === undefined || (drop !== undefined && drop <= maxDrop));

export async function meetTargets<T extends Measured>({ targets, constants, probe, signal }: TargetSearch<T>): Promise<Chosen<T>> {
  const { maxBytes, minFidelity, maxDrop } = targets;
  const common = { probe, start: constants.usual, least: constants.least, most: constants.most, signal };
  const chosen = (best: Trial<T> | undefined, trials: readonly Trial<T>[]): Chosen<T> => {
    const kept = best ?? mostFaithful(trials);
    return { best: kept, trials, met: meetsTargets(targets, kept.value) };
  };
  const qualities = [...(minFidelity === undefined ? [] : [faithful(minFidelity)]), ...(maxDrop === undefined ? [] : [accurate(maxDrop)])];
  if (qualities.length > 0) {
    const { best, trials } = await searchConstant({ ...common, ...allOf(qualities) });
    return chosen(best, trials);
  }
  if (maxBytes !== undefined) {
    const hopeless = (trials: readonly Trial<T>[]): boolean => trials.some(({ value }) => isBroken(value) && value.bytes > maxBytes);
    const { best, trials } = await searchConstant({ ...common, ...fitting(maxBytes), hopeless });
    if (best && !isBroken(best.value)) return chosen(best, trials);
    const sound = await searchConstant({ ...common, ...faithful(brokenBelow), tolerance: 0.3, known: trials });
    return chosen(sound.best, sound.trials);
  }
  const first = { constant: constants.usual, value: await probe(constants.usual) };
  if (first.value.fidelity >= usualFidelity) return chosen(first, [first]);
  const { best, trials } = await searchConstant({ ...common, ...faithful(usualFidelity), known: [first] });
  return chosen(best, trials);
}

export interface DraftSearch {
  readonly maxBytes: number;
  readonly constants: TargetSearch<Measured>['constants'];
  /** Bytes of a draft of the file. */
  readonly probe: (constant: number) => Promise<number>;
  readonly signal?: AbortSignal | undefined;
}

/** Where a search for a size had best begin: drafts are quick, so that few whole results have to be made and measured. */
export async function constantByDrafts({ maxBytes, constants, probe, signal }: DraftSearch): Promise<number> {
  const { usual: start, least, most } = constants;
  const measure = async (constant: number): Promise<Measured> => ({ bytes: await probe(constant), fidelity: 1 });
  const { best, trials } = await searchConstant({ ...fitting(maxBytes), probe: measure, start, least, most, signal });
  return (best ?? trials.at(-1)!).constant;
}

type Aim = Pick<SearchOptions<Measured>, 'excess' | 'direction' | 'slope' | 'tolerance'>;

/** Cosines nearer to 1 than this are noise of float32. */
const noise = 1e-7;

/** The loss grows with the square of the constant. */
const faithful = (least: number): Aim => ({
  excess: ({ fidelity }) => Math.log(Math.max(noise, 1 - fidelity) / Math.max(noise, 1 - least)),
  direction: 'coarser',
  slope: 2,
  tolerance: 0.12,
});

/** A rise of the error may be negative and has no logarithm: points are counted as they are. */
const accurate = (most: number): Aim => ({
  excess: (measured) => (isBroken(measured) ? Number.NaN : (measured.drop ?? Number.NaN) - most),
  direction: 'coarser',
  slope: 1,
  tolerance: 0.05,
});

/** A doubling of the constant saves about a bit of each weight. */
const fitting = (most: number): Aim => ({
  excess: ({ bytes }) => Math.log(bytes / most),
  direction: 'finer',
  slope: 0.5,
  tolerance: 0.01,
});

const allOf = (aims: readonly Aim[]): Aim => ({
  ...aims[0]!,
  excess: (measured) => aims.map((aim) => aim.excess(measured)).reduce((a, b) => Math.max(a, b)), // NaN stays NaN
});

function mostFaithful<T extends Measured>(trials: readonly Trial<T>[]): Trial<T> {
  const rank = ({ value }: Trial<T>): number => (Number.isFinite(value.fidelity) ? value.fidelity : Number.NEGATIVE_INFINITY);
  return trials.reduce((a, b) => (rank(b) > rank(a) ? b : a));
}
