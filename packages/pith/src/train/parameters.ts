/**
 * Which initializers of a model are its parameters, and what role each plays: by the operator and the input they stand at, never by name.
 * Scalars and constants of arithmetic are not parameters: a division by 255 is not to be trained.
 */
import { inOrder } from '../base/order.js';
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';

export type Role =
  /** Weight of a convolution, [out, in / groups, …]. */
  | 'convolution'
  /** Weight of a matrix product. */
  | 'linear'
  | 'embedding'
  | 'bias'
  /** Scale or shift of a normalisation, slope of PRelu. */
  | 'normalization'
  /** Running mean or variance of batch normalisation: updated, not trained. */
  | 'statistic';

export interface Parameter {
  readonly name: string;
  readonly role: Role;
  readonly dims: readonly number[];
  /** The node that reads it, for messages and cost. */
  readonly node: NodeData;
  /** Which axis counts output channels, where there is one. */
  readonly outputAxis: number;
}

/** By operator: the role of each input. */
const roles: Readonly<Record<string, readonly (Role | undefined)[]>> = {
  BatchNormalization: [undefined, 'normalization', 'normalization', 'statistic', 'statistic'],
  Conv: [undefined, 'convolution', 'bias'],
  ConvTranspose: [undefined, 'convolution', 'bias'],
  Gather: ['embedding'],
  Gemm: ['linear', 'linear', 'bias'],
  InstanceNormalization: [undefined, 'normalization', 'normalization'],
  LayerNormalization: [undefined, 'normalization', 'normalization'],
  MatMul: ['linear', 'linear'],
  PRelu: [undefined, 'normalization'],
  Add: ['bias', 'bias'],
  Sub: [undefined, 'bias'],
  Mul: ['normalization', 'normalization'],
};

/** Where a scalar is a constant of the model, not a parameter. */
const arithmetic = new Set(['Add', 'Sub', 'Mul']);

/** Operators through which a parameter may pass on its way to the one that uses it. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

function outputAxis(node: NodeData, input: number): number {
  if (node.op === 'ConvTranspose') return 1;
  if (node.op === 'MatMul') return input === 1 ? 1 : 0;
  if (node.op === 'Gemm' && input === 1) return Number(node.attributes.get('transB')?.value ?? 0) === 1 ? 0 : 1;
  return 0;
}

/** The float32 parameters of a model in the order in which the network uses them. */
export function parametersOf(model: Pick<Model, 'graph'>): Parameter[] {
  const { initializers, nodes } = model.graph;
  const source = new Map<string, string>([...initializers].filter(([, t]) => t.dtype === 'float32').map(([name]) => [name, name]));
  const found = new Map<string, Parameter>();
  for (const node of inOrder(nodes)) {
    const from = source.get(node.inputs[0] ?? '');
    if (passing.has(node.op) && from !== undefined) source.set(node.outputs[0]!, from);
    node.inputs.forEach((input, i) => {
      const name = source.get(input);
      const role = node.domain === '' ? roles[node.op]?.[i] : undefined;
      if (name === undefined || role === undefined || found.has(name)) return;
      const { dims } = initializers.get(name)!;
      if (sizeOf(dims) > 1 || !arithmetic.has(node.op)) found.set(name, { name, role, dims, node, outputAxis: outputAxis(node, i) });
    });
  }
  return [...found.values()];
}

/** The weights that pruning and sharing work on. */
export const isWeight = (p: Parameter): boolean => p.role === 'convolution' || p.role === 'linear' || p.role === 'embedding';

/** How many numbers are trained: running statistics are no parameters. */
export const countParameters = (model: Pick<Model, 'graph'>): number =>
  parametersOf(model).reduce((sum, p) => sum + (p.role === 'statistic' ? 0 : sizeOf(p.dims)), 0);
