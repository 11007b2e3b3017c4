/** Makes the report of a squeeze from what was measured while it ran. Pure: no file is read, nothing is run. */
import type { PithReport, TensorSize } from 'pith-runtime';
import type { Fidelity } from '../squeeze/fidelity.js';
import type { PlanRow, Prepared } from '../squeeze/squeeze.js';
import { formatCount, formatNumber } from './format.js';
import type { SqueezedTensor, SqueezeReport, SqueezeRound } from './squeeze-report.js';

export interface SqueezeSource {
  readonly network: string;
  readonly source: SqueezeReport['source'];
  readonly file: PithReport;
  readonly hash: string;
  readonly plan: readonly PlanRow[];
  readonly batchNorms: Prepared['batchNorms'] | null;
  readonly lossless: boolean;
  readonly effort: number;
  readonly seed: number;
  readonly constant: number | null;
  readonly rounds: readonly SqueezeRound[];
  readonly fidelity: Fidelity | null;
  readonly error?: NonNullable<SqueezeReport['error']> | undefined;
  readonly targets: SqueezeTargetsGiven;
  readonly seconds: number;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** As they were asked for. */
export interface SqueezeTargetsGiven {
  readonly maxSize?: number | undefined;
  readonly bitsPerWeight?: number | undefined;
  readonly minFidelity?: number | undefined;
  readonly maxDrop?: number | undefined;
}

export function buildSqueezeReport(given: SqueezeSource): SqueezeReport {
  const { network, source, file, hash, plan, batchNorms, lossless, effort, seed, constant, rounds, fidelity, error } = given;
  const weights = weightsOf(plan);
  const bitsPerWeight = weights === 0 ? 0 : (8 * file.bytes) / weights;
  const worst = fidelity ? worstCosine(fidelity) : 1;
  const drop = error && 100 * (error.after - error.before);
  return {
    pithSqueeze: 1,
    network,
    source,
    file: { bytes: file.bytes, hash },
    weights,
    bitsPerWeight,
    lossless,
    effort,
    seed,
    constant,
    rounds,
    fidelity,
    ...(error && { error }),
    targets: targetRows(given.targets, { bytes: file.bytes, bitsPerWeight, fidelity: worst, drop }),
    tensors: tensorRows(plan, file.tensors),
    sections: file.sections.map(({ kind, bytes }) => ({ name: kind, bytes })),
    batchNorms: { folded: batchNorms?.folded.length ?? 0, refused: batchNorms?.refused ?? [] },
    seconds: given.seconds,
    command: given.command,
    versions: given.versions,
  };
}

/** Types of what is counted as a weight: floats, and the small integers of models that are quantized already. */
const weighing = /^b?float|^u?int[48]$/;

/** Elements of all tensors of such types: what bits per weight count. */
export const weightsOf = (plan: readonly PlanRow[]): number =>
  plan.reduce((sum, { dtype, elements }) => sum + (dtype !== null && weighing.test(dtype) ? elements : 0), 0);

/** Cosine of the worst output; NaN where one is broken. */
export const worstCosine = ({ outputs }: Fidelity): number =>
  outputs.reduce((worst, { cosine }) => (Number.isNaN(worst) || Number.isNaN(cosine) ? Number.NaN : Math.min(worst, cosine)), 1);

interface Got {
  readonly bytes: number;
  readonly bitsPerWeight: number;
  readonly fidelity: number;
  readonly drop: number | undefined;
}

function targetRows({ maxSize, bitsPerWeight, minFidelity, maxDrop }: SqueezeTargetsGiven, got: Got): SqueezeReport['targets'] {
  const row = (name: string, wanted: string, result: string, met: boolean) => ({ name, wanted, got: result, met });
  const cosine = formatCosine(got.fidelity);
  return [
    ...(maxSize === undefined
      ? []
      : [row('size', `at most ${formatCount(maxSize)} bytes`, `${formatCount(got.bytes)} bytes`, got.bytes <= maxSize)]),
    ...(bitsPerWeight === undefined
      ? []
      : [row('bits per weight', `at most ${bitsPerWeight}`, formatNumber(got.bitsPerWeight, 3), got.bitsPerWeight <= bitsPerWeight)]),
    ...(minFidelity === undefined ? [] : [row('fidelity', `at least ${minFidelity}`, cosine, got.fidelity >= minFidelity)]),
    ...(maxDrop === undefined
      ? []
      : [
          row(
            'error rise',
            `at most ${maxDrop} points`,
            `${formatNumber(got.drop ?? Number.NaN, 2)} points`,
            (got.drop ?? Number.NaN) <= maxDrop,
          ),
        ]),
  ];
}

/** Cosines near 1 are told apart by their nines: 0.99937. Cut, not rounded: 0.99999 is not 1. */
export const formatCosine = (cosine: number): string => {
  const digits = cosine < 1 ? Math.min(8, Math.max(4, Math.ceil(-Math.log10(1 - cosine)) + 2)) : 4;
  return formatNumber(Math.floor(cosine * 10 ** digits) / 10 ** digits, digits);
};

function tensorRows(plan: readonly PlanRow[], sizes: readonly TensorSize[]): SqueezedTensor[] {
  const byName = new Map(sizes.map((size) => [size.name, size]));
  return plan.map(({ name, dtype, dims, elements, rule, because, method, place }) => {
    const size = place === 'initializer' ? byName.get(name) : undefined;
    return {
      name,
      dtype: dtype ?? 'other',
      dims,
      elements,
      rule,
      because,
      method,
      bytes: size?.bytes ?? 0,
      parametrization: size?.parametrization ?? 'graph',
      coder: size?.coder ?? 'text',
    };
  });
}
