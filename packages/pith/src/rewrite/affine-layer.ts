/**
 * A layer whose outputs are weight · input + bias, both of them constants that nobody else reads: what a scale and a shift of its outputs
 * or inputs can be folded into. Numbers are computed in doubles and rounded once to the type of the weight.
 */
import { type NodeData, sizeOf, type Tensor } from '../base/tensor.js';
import { fromRef, toRef } from '../ops/ref.js';
import type { Constant, Editing } from './editing.js';

/** Ends an attempt to fold; the message is the reason. */
export class Refused extends Error {}

export function refuse(why: string): never {
  throw new Refused(why);
}

export interface Layer {
  readonly node: NodeData;
  readonly weight: Constant;
  readonly bias: Constant | undefined;
  /** The sum that adds the bias, where the operator itself has none. */
  readonly add: NodeData | undefined;
}

export const intOf = (node: NodeData, name: string, otherwise: number): number => {
  const found = node.attributes.get(name);
  return found?.kind === 'int' ? Number(found.value) : otherwise;
};

export const floatOf = (node: NodeData, name: string, otherwise: number): number => {
  const found = node.attributes.get(name);
  return found?.kind === 'float' ? found.value : otherwise;
};

export const isFloat = ({ tensor }: Constant): boolean => ['float32', 'float64', 'float16', 'bfloat16'].includes(tensor.dtype);

/** The layer of a node, or of the sum behind a product. Throws `Refused`. */
export function layerOf(graph: Editing, node: NodeData): Layer {
  if (node.domain !== '') refuse(`${node.domain}.${node.op} is no layer`);
  const [, weight = '', bias = ''] = node.inputs;
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose':
    case 'Gemm':
      return { node, weight: own(graph, weight, 'weight'), bias: bias ? own(graph, bias, 'bias') : undefined, add: undefined };
    case 'MatMul':
      return product(graph, node, undefined, undefined);
    case 'Add': {
      const [a = '', b = ''] = node.inputs;
      const [sum, vector] = graph.constant(b) ? [a, b] : [b, a];
      const matMul = graph.maker(sum);
      if (matMul?.op !== 'MatMul') refuse('an Add of other things than a MatMul and a bias is no layer');
      if (graph.readersOf(sum).length > 1) refuse(`the product "${sum}" is used elsewhere too`);
      return product(graph, matMul, own(graph, vector, 'bias'), node);
    }
    default:
      return refuse(`${node.op} is no layer`);
  }
}

/** x · W of rank 2: only there is the last axis, that of the columns of W, the axis of channels. */
function product(graph: Editing, node: NodeData, bias: Constant | undefined, add: NodeData | undefined): Layer {
  const weight = own(graph, node.inputs[1] ?? '', 'weight');
  if (weight.tensor.dims.length !== 2 || !isMatrix(graph, node.inputs[0] ?? '')) refuse('the product is not known to be of rank 2');
  return { node, weight, bias, add };
}

function own(graph: Editing, name: string, what: string): Constant {
  const found = graph.constant(name);
  if (!found || !isFloat(found)) refuse(`the ${what} "${name}" is not a constant of floats`);
  return found.readers > 1 ? refuse(`the ${what} "${found.name}" is used elsewhere too`) : found;
}

const keepsRank = new Set(['Dropout', 'Identity', 'BatchNormalization', 'Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh', 'Elu', 'Gelu']);

function isMatrix(graph: Editing, name: string): boolean {
  for (let at = name; ; ) {
    const rank = graph.rankOf(at);
    if (rank !== undefined) return rank === 2;
    const node = graph.maker(at);
    if (node?.op === 'Flatten' || node?.op === 'Gemm') return true;
    if (!node || !keepsRank.has(node.op)) return false;
    at = node.inputs[0] ?? '';
  }
}

/** Which channel each entry of a weight belongs to. */
export interface Channels {
  readonly count: number;
  readonly of: (entry: number) => number;
}

function along(dims: readonly number[], axis: number): Channels {
  const inner = sizeOf(dims.slice(axis + 1));
  const count = dims[axis] ?? 0;
  return { count, of: (i) => Math.floor(i / inner) % count };
}

/** Channels along axis 1, numbered through the groups into which axis 0 is divided. */
function groupedAlong(dims: readonly number[], groups: number): Channels {
  const share = along(dims, 1);
  const block = sizeOf(dims) / groups;
  return { count: share.count * groups, of: (i) => Math.floor(i / block) * share.count + share.of(i) };
}

const rowsAreOutputs = (node: NodeData): boolean => intOf(node, 'transB', 0) === 1;

export function outputsOf({ node, weight }: Layer): Channels {
  const { dims } = weight.tensor;
  if (node.op === 'ConvTranspose') return groupedAlong(dims, intOf(node, 'group', 1));
  return along(dims, node.op === 'Conv' || (node.op === 'Gemm' && rowsAreOutputs(node)) ? 0 : 1);
}

/** Of a Conv or a Gemm. */
export function inputsOf({ node, weight }: Layer): Channels {
  const { dims } = weight.tensor;
  return node.op === 'Conv' ? groupedAlong(dims, intOf(node, 'group', 1)) : along(dims, rowsAreOutputs(node) ? 1 : 0);
}

export const numbersOf = ({ tensor }: Constant): Float64Array => toRef(tensor).data;

/** What is added to each output: the bias, zeros where there is none. Throws `Refused` where it is not a number for each. */
export function biasOf({ node, bias }: Layer, count: number): Float64Array {
  if (!bias) return new Float64Array(count);
  const data = numbersOf(bias);
  const beta = node.op === 'Gemm' ? floatOf(node, 'beta', 1) : 1;
  if (data.length === 1) return new Float64Array(count).fill(data[0]! * beta);
  if (data.length !== count || bias.tensor.dims.at(-1) !== count) refuse(`the bias "${bias.name}" is no vector of ${count}`);
  return data.map((b) => b * beta);
}

/** The numbers in the type of a tensor. Throws `Refused` where one is too large for it. */
export function rounded(dtype: Tensor['dtype'], dims: readonly number[], data: Float64Array): Tensor {
  const tensor = fromRef({ dtype, dims, data });
  return toRef(tensor).data.every(Number.isFinite) ? tensor : refuse(`the folded numbers do not fit ${dtype}`);
}
