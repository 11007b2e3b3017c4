/** The graph of distillation: the model up to its batch normalizations, how far their statistics are from the running ones, and the gradient. */
import { gradients } from '../autodiff/gradient.js';
import { PithError } from '../base/errors.js';
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';
import type { Feeds } from '../engine/engine.js';
import type { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { type Bound, bound, built, knownValue, tell } from './bound.js';

export interface DistillProgram {
  /** Gives the loss alone. */
  readonly measure: Model;
  /** Gives loss and gradients. */
  readonly model: Model;
  readonly loss: string;
  /** Gradients by the input that they belong to. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * For inputs of the shapes of these feeds; the batch's own statistics count. Float inputs of more than one axis are what is changed. Throws `unsupported.distillation` without batch
 * normalization, `unsupported.gradient` where no float32 input has a gradient.
 */
export function distillProgram(model: Model, feeds: Feeds): DistillProgram {
  const whole = bound(model, feeds, new Map());
  const { builder, types } = whole;
  const norms = builder.graph.nodes.filter((node) => isNorm(node) && node.inputs.every((name) => types.get(name)?.dtype === 'float32'));
  if (norms.length === 0)
    throw new PithError('unsupported.distillation', {
      expected: 'a model with batch normalization',
      got: 'none that pith can reach',
      fix: 'use noise, or samples of your own',
    });
  const measured = norms.map((node) => statistics(whole, node));
  const channels = measured.reduce((sum, { mean }) => sum + sizeOf(mean.dims), 0);
  const distances = measured.map((m) => distance(builder, m));
  const total = builder.Mul(
    distances.reduce((a, b) => builder.Add(a, b)),
    builder.scalar(1 / channels),
  );
  builder.graph.outputs.splice(0);
  const loss = builder.output('loss', total);
  const measure = built(model, { graph: new Graph(builder.graph.freeze()), opset: builder.opset });
  const inputs = builder.graph.inputs.filter((v) => v.dtype === 'float32' && (v.dims?.length ?? 0) > 1).map((v) => v.name);
  const found = gradients({ builder, types, of: pulls(whole, loss, measured), to: inputs });
  if (found.size === 0)
    throw new PithError('unsupported.gradient', { expected: 'a float32 input that the batch normalizations depend on', got: 'none' });
  const outputs = new Map([...found].map(([name, value]) => [name, builder.output(`${name}/gradient`, value).name]));
  return { measure, model: built(model, builder), loss: loss.name, gradients: outputs };
}

const isNorm = ({ op, domain, attributes }: NodeData): boolean =>
  op === 'BatchNormalization' && domain === '' && Number(attributes.get('training_mode')?.value ?? 0) === 0;

/** What a batch normalization sees, and what it saw in training: per channel. */
interface Statistics {
  readonly x: Value;
  readonly mean: Value;
  /** The mean of squares. */
  readonly square: Value;
  readonly usualMean: Value;
  readonly usualDeviation: Value;
}

function statistics({ builder: op, types }: Bound, node: NodeData): Statistics {
  const [x, , , mean, variance] = node.inputs.map((name) => knownValue(types, name)) as [Value, Value, Value, Value, Value];
  const axes = x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const epsilon = Number(node.attributes.get('epsilon')?.value ?? 1e-5);
  return {
    x,
    mean: op.ReduceMean(x, axes, false),
    square: op.ReduceMean(op.Mul(x, x), axes, false),
    usualMean: mean,
    usualDeviation: op.Sqrt(op.Add(variance, op.scalar(epsilon))),
  };
}

/** Σ over channels of z² + (s − 1)²: z how far the mean is off, s the deviation, both in units of the usual deviation. */
function distance(op: Builder, { mean, square, usualMean, usualDeviation }: Statistics): Value {
  // A dead channel has no variance, and a root there no slope.
  const variance = op.Max(op.Sub(square, op.Mul(mean, mean)), op.scalar(1e-12));
  const z = op.Div(op.Sub(mean, usualMean), usualDeviation);
  const s = op.Sub(op.Div(op.Sqrt(variance), usualDeviation), op.scalar(1));
  return op.ReduceSum(op.Add(op.Mul(z, z), op.Mul(s, s)), undefined, false);
}

/**
 * The gradient of the loss with respect to each x, along its own statistics alone: with p and q those with respect to mean and mean of
 * squares, (p + 2q·x) / n, a scale and a shift for each channel, which a normalization by nothing makes in one pass.
 */
function pulls({ builder: op, types }: Bound, loss: Value, measured: readonly Statistics[]): Map<string, Value> {
  tell(op, types);
  const to = measured.flatMap(({ mean, square }) => [mean.name, square.name]);
  const found = gradients({ builder: op, types, of: loss.name, to });
  const pulled = new Map<string, Value>();
  for (const { x, mean, square } of measured) {
    const share = sizeOf(mean.dims) / sizeOf(x.dims);
    const shift = op.Mul(found.get(mean.name)!, op.scalar(share));
    const scale = op.Mul(found.get(square.name)!, op.scalar(2 * share));
    const zero = op.Sub(mean, mean);
    const one = op.Add(zero, op.scalar(1));
    const pull = op.BatchNormalization(x, scale, shift, zero, one, { epsilon: { float: 0 } });
    const other = pulled.get(x.name);
    pulled.set(x.name, other ? op.Add(other, pull) : pull);
  }
  return pulled;
}
