/**
 * The graph of the fit of biases: how the outputs of each sample change with each bias, along several directions v, and how far they are
 * from what they should be, as the normal equations of a least-squares problem.
 */
import { PithError } from '../base/errors.js';
import { type Model, sizeOf } from '../base/tensor.js';
import { type BackwardOptions, backward, firstOutput } from './backward.js';
import { bound, built } from './bound.js';
import { contract } from './two-sided.js';

/** Outputs of more elements are looked at in so many directions. */
const mostDirections = 12;

export interface BiasProgram {
  readonly model: Model;
  /** Inputs that take a v each, of the output's shape. */
  readonly probes: readonly string[];
  readonly probeDims: readonly number[];
  /** Takes the output that there should be. */
  readonly target: string;
  /** The output of the model that is compared. */
  readonly output: string;
  /** Biases in the order of the unknowns, each with their number. */
  readonly biases: readonly { readonly name: string; readonly size: number }[];
  /** JᵀJ [unknowns, unknowns], and Jᵀ·(target − output) [unknowns, 1]. */
  readonly square: string;
  readonly right: string;
}

/** For the biases of those layers that gradients reach and that are one node each. Throws `unsupported.gradient` where it is none. */
export function biasProgram(options: Omit<BackwardOptions, 'draws'>): BiasProgram {
  const { model, samples } = options;
  const type = firstOutput(bound(model, options.feeds, options.told));
  const draws = Math.min(mostDirections, Math.ceil(sizeOf(type?.dims ?? []) / samples));
  const found = backward({ ...options, draws });
  const { builder: op, output } = found;
  const equations = draws * samples;
  const biased = found.layers.flatMap(({ layer, products: [reading, ...more] }) =>
    layer.bias !== undefined && reading && more.length === 0 ? [{ name: layer.bias, size: layer.rows, reading }] : [],
  );
  if (biased.length === 0 || output.dims[0]! % samples !== 0)
    throw new PithError('unsupported.gradient', { expected: 'a bias that gradients reach, and outputs of each sample', got: 'none' });
  const slopes = biased.map(({ reading, size }) => {
    const rows = found.gradients.map((by) => {
      const places = reading.rows(op, by.get(reading.result)!, samples);
      return op.Reshape(op.ReduceSum(places, [3], false), [samples, size]);
    });
    return op.Reshape(op.Concat(rows, 0), [1, 1, equations, size]);
  });
  const target = op.input('target', { dtype: output.dtype, dims: output.dims });
  const gap = op.Sub(target, output);
  const along = found.probes.map((probe) =>
    op.ReduceSum(op.Reshape(op.Mul(gap, probe), [samples, sizeOf(output.dims) / samples]), [1], false),
  );
  const jacobian = op.Concat(slopes, 3);
  const residual = op.Reshape(op.Concat(along, 0), [1, 1, equations, 1]);
  const square = op.output('square', contract(op, jacobian, jacobian));
  const right = op.output('right', contract(op, jacobian, residual));
  return {
    model: built(model, op),
    probes: found.probes.map((p) => p.name),
    probeDims: output.dims,
    target: target.name,
    output: output.name,
    biases: biased.map(({ name, size }) => ({ name, size })),
    square: square.name,
    right: right.name,
  };
}
