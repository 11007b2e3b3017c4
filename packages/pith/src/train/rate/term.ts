/**
 * The rate of `rated` weights as a part of the loss: λ times the bits that the coder would take, by prices that are fed. An entry costs
 * B·log(1 + k|t|) / log(1 + k) + g·max(0, |t| − 1) bits, t = w / s: what it costs to become non-zero, spread smoothly, and what each further
 * level costs. The term's value is zero; it is there for its gradient: ∂/∂w = R′·sign(t) / s, and ∂/∂log s = −Σ R′·|t| over the non-zeros,
 * as a step moves no zero; the sum is over the row where each has a step of its own.
 */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { stepValue } from '../../parametrization/rated.js';
import type { LossContext } from '../losses/loss.js';

/** How quickly the price of leaving zero is paid. */
export const steepness = 4;

/** Names of the feeds: bits to leave zero, of the weight's shape; bits of a further level, [1]; λ, [1]. */
export const priceName = (weight: string): string => `${weight}/price`;
export const levelPriceName = (weight: string): string => `${weight}/level`;
export const lambdaName = 'lambda';

export interface RatedWeight {
  readonly name: string;
  readonly dims: readonly number[];
}

/** A scalar of value 0 whose gradient is that of λ times the rate. */
export function rateTerm(op: Builder, weights: readonly RatedWeight[], context: LossContext): Value {
  const lambda = context.feed(lambdaName, [1]);
  const terms = weights.map(({ name, dims }) => {
    const price = op.Mul(context.feed(priceName(name), dims), op.scalar(steepness / Math.log(1 + steepness)));
    const levelPrice = context.feed(levelPriceName(name), [1]);
    const [shadow, logStep] = context.trained(name);
    const { fixed } = stepValue(op, logStep!);
    const t = op.Div(shadow!, fixed);
    const size = op.Abs(t);
    const one = op.scalar(1);
    const further = op.Mul(op.Cast(op.Greater(size, one), 'float32'), levelPrice);
    const slope = op.Mul(op.Add(op.Div(price, op.Add(op.Mul(size, op.scalar(steepness)), one)), further), lambda);
    const nonZero = op.Cast(op.Greater(size, op.scalar(0.5)), 'float32');
    const pull = op.Stop(op.Div(op.Mul(slope, op.Sign(t)), fixed));
    const stretch = op.Stop(sumOver(op, op.Mul(op.Mul(slope, size), nonZero), logStep!.dims));
    const ofWeights = op.ReduceSum(op.Mul(pull, shadow!), undefined, false);
    return op.Sub(ofWeights, op.ReduceSum(op.Mul(logStep!, stretch), undefined, false));
  });
  const sum = terms.reduce((a, b) => op.Add(a, b));
  return op.Sub(sum, op.Stop(sum));
}

/** The sums of a weight's entries that steps of these dims belong to. */
function sumOver(op: Builder, x: Value, dims: readonly number[]): Value {
  if (dims.length === x.dims.length) {
    const axes = dims.flatMap((d, axis) => (d === x.dims[axis] ? [] : [axis]));
    return axes.length === 0 ? x : op.ReduceSum(x, axes, true);
  }
  return dims[0] === 1 ? op.ReduceSum(x, undefined, false) : op.ReduceSum(x, [0], false);
}
