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
  const whole = bound(model, feeds);
  const { builder, types } = whole;
  const norms = builder.graph.nodes.filter((node) => isNorm(node) && node.inputs.every((name) => types.get(name)?.dtype === 'float32'));
  if (norms.length === 0)
    throw new PithError('unsupported.distillation', {
      expected: 'a model with batch normalization',
      got: 'none that pith can reach',
      fix: 'use noise, or samples of your own',
    });
  const terms = norms.map((node) => distance(whole, node));
  const channels = norms.reduce((sum, node) => sum + sizeOf(types.get(node.inputs[1]!)!.dims), 0);
  const loss = builder.Mul(
    terms.reduce((a, b) => builder.Add(a, b)),
    builder.scalar(1 / channels),
  );
  builder.graph.outputs.splice(0);
  const named = builder.output('loss', loss);
  const measure = built(model, { graph: new Graph(builder.graph.freeze()), opset: builder.opset });
  tell(builder, types);
  const inputs = builder.graph.inputs.filter((v) => v.dtype === 'float32' && (v.dims?.length ?? 0) > 1).map((v) => v.name);
  const found = gradients({ builder, types, of: named.name, to: inputs });
  if (found.size === 0)
    throw new PithError('unsupported.gradient', { expected: 'a float32 input that the batch normalizations depend on', got: 'none' });
  const outputs = new Map([...found].map(([name, value]) => [name, builder.output(`${name}/gradient`, value).name]));
  return { measure, model: built(model, builder), loss: named.name, gradients: outputs };
}

const isNorm = ({ op, domain, attributes }: NodeData): boolean =>
  op === 'BatchNormalization' && domain === '' && Number(attributes.get('training_mode')?.value ?? 0) === 0;

/** Σ over channels of z² + (s − 1)²: z how many deviations the mean is off, s the deviation, both in units of the running deviation. */
function distance({ builder: op, types }: Bound, node: NodeData): Value {
  const [x, , , mean, variance] = node.inputs.map((name) => knownValue(types, name)) as [Value, Value, Value, Value, Value];
  const axes = x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const epsilon = Number(node.attributes.get('epsilon')?.value ?? 1e-5);
  const inverse = op.Reciprocal(op.Sqrt(op.Add(variance, op.scalar(epsilon))));
  const own = op.ReduceMean(x, axes, false);
  const square = op.ReduceMean(op.Mul(x, x), axes, false);
  const deviation = op.Sqrt(positive(op, op.Sub(square, op.Mul(own, own))));
  const z = op.Mul(op.Sub(own, mean), inverse);
  const s = op.Sub(op.Mul(deviation, inverse), op.scalar(1));
  return op.ReduceSum(op.Add(op.Mul(z, z), op.Mul(s, s)), undefined, false);
}

/** A dead channel has no variance, and a root there no slope. */
const positive = (op: Builder, v: Value): Value => op.Max(v, op.scalar(1e-12));
