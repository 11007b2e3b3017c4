/**
 * Steps of a `uniform` tensor: powers of 2^(1/16), one exponent for the tensor and offsets for its rows and columns, so that every weight
 * gets about the step at which its error costs what everybody's costs (reverse water-filling: equal slopes of error against rate).
 */
import { stepOf } from 'pith-runtime';

export interface Steps {
  readonly step: number;
  readonly rowSteps: Int8Array | null;
  readonly columnSteps: Int8Array | null;
}

/** Offsets are multiples of this many sixteenths: finer ones cost more bits than they save. */
const coarse = 8;
const largestOffset = 120;
/** Offsets that spread by less (standard deviation) save less than they cost. */
const leastSpread = 8;

/**
 * From the wished logarithms (base 2, in sixteenths) of the steps: `base` + rows[r] + columns[c]. Offsets that are nearly alike are left out.
 */
export function stepsFrom(base: number, rows: Float64Array | null, columns: Float64Array | null): Steps {
  const offsets = (wished: Float64Array | null): { mean: number; rounded: Int8Array | null } => {
    if (!wished || wished.length < 2) return { mean: wished?.[0] ?? 0, rounded: null };
    const mean = wished.reduce((a, b) => a + b, 0) / wished.length;
    const clip = (x: number): number => Math.max(-largestOffset, Math.min(largestOffset, coarse * Math.round(x / coarse)));
    const rounded = Int8Array.from(wished, (w) => clip(w - mean));
    const spread = Math.sqrt(wished.reduce((sum, w) => sum + (w - mean) ** 2, 0) / wished.length);
    return { mean, rounded: spread >= leastSpread ? rounded : null };
  };
  const r = offsets(rows);
  const c = offsets(columns);
  return { step: Math.round(base + r.mean + c.mean), rowSteps: r.rounded, columnSteps: c.rounded };
}

/** The step of an entry, as the file has it. */
export const stepAt = ({ step, rowSteps, columnSteps }: Steps, row: number, column: number): number =>
  stepOf(step + (rowSteps?.[row] ?? 0) + (columnSteps?.[column] ?? 0));
