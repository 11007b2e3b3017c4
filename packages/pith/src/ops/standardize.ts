/** What LayerNormalization and InstanceNormalization share: x̂ = (x − mean) / sqrt(variance + epsilon) over some axes. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface Standardized {
  /** x̂. */
  readonly value: Value;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverse: Value;
  readonly axes: readonly number[];
}

/** dx from the gradient d of x̂: inverse · (d − mean of d − x̂ · mean of d·x̂). */
export function standardizedGradient(op: Builder, { value, inverse, axes }: Standardized, d: Value): Value {
  const shift = op.ReduceMean(d, axes);
  const slope = op.ReduceMean(op.Mul(d, value), axes);
  return op.Mul(op.Sub(op.Sub(d, shift), op.Mul(value, slope)), inverse);
}
