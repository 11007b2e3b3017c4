/**
 * A weight as a matrix: outputs as rows, inputs × kernel as columns, and whether the tensor holds it transposed. Where the operator's
 * products are known, the view is that of its matrix product; otherwise rows are what the last axis counts through.
 */
import { type NodeData, sizeOf } from '../base/tensor.js';
import type { WeightLayer } from '../calibrate/layer.js';
import type { Use } from './uses.js';

export type View = Pick<WeightLayer, 'rows' | 'columns' | 'positions' | 'transposed'>;
export type Grouped = View & Pick<WeightLayer, 'groups'>;

export const plainView = (dims: readonly number[]): View => {
  const columns = dims.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(dims) / columns, columns, positions: 1, transposed: false };
};

/** The product of a use; undefined where the operator's is not a plain matrix product or the tensor comes in another order. */
export function viewOf(use: Use): Grouped | undefined {
  const { node, input, dims, order } = use;
  if (!dims || order === 'other' || order === 'part') return undefined;
  const known = node.domain === '' || node.domain === 'com.microsoft' ? views[node.op] : undefined;
  return known?.(node, dims, order === 'transposed', input);
}

type Make = (node: NodeData, dims: readonly number[], transposed: boolean, input: number) => Grouped | undefined;

const flag = (node: NodeData, name: string): boolean => int(node, name, 0) === 1;

function int(node: NodeData, name: string, otherwise: number): number {
  const found = node.attributes.get(name);
  return found?.kind === 'int' ? Number(found.value) : otherwise;
}

/** A matrix whose first axis counts outputs, or whose second one does. */
function matrix(dims: readonly number[], stored: boolean, outputsFirst: boolean): Grouped | undefined {
  if (dims.length !== 2) return undefined;
  const [first, second] = dims as [number, number];
  const [rows, columns] = outputsFirst ? [first, second] : [second, first];
  return { rows, columns, positions: 1, groups: 1, transposed: stored === outputsFirst };
}

const convolution: Make = (node, dims, transposed) => {
  const [rows, columns, ...kernel] = dims;
  if (transposed || rows === undefined || columns === undefined) return undefined;
  return { rows, columns, positions: sizeOf(kernel), groups: int(node, 'group', 1), transposed: false };
};

/** Each input pixel is multiplied into a patch of outputs: [inputs][outputs · kernel]. Groups would cut the rows. */
const transposedConvolution: Make = (node, dims, transposed) => {
  const [columns, ...rest] = dims;
  if (transposed || columns === undefined || int(node, 'group', 1) !== 1) return undefined;
  return { rows: sizeOf(rest), columns, positions: 1, groups: 1, transposed: true };
};

/** [directions, gates · hidden, inputs]. */
const recurrent: Make = (_, dims, transposed) => {
  const [groups, rows, columns] = dims;
  if (transposed || dims.length !== 3 || !groups || rows === undefined || columns === undefined) return undefined;
  return { rows: groups * rows, columns, positions: 1, groups, transposed: false };
};

const gemm: Make = (node, dims, transposed, input) => matrix(dims, transposed, input === 0 ? !flag(node, 'transA') : flag(node, 'transB'));
const product: Make = (_, dims, transposed, input) => matrix(dims, transposed, input === 0);
const table: Make = (node, dims, transposed) => (int(node, 'axis', 0) === 0 ? matrix(dims, transposed, true) : undefined);

const views: Readonly<Record<string, Make>> = {
  Attention: product,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  EmbedLayerNormalization: table,
  FusedConv: convolution,
  FusedGemm: gemm,
  FusedMatMul: gemm,
  GRU: recurrent,
  Gather: table,
  Gemm: gemm,
  GemmFastGelu: product,
  LSTM: recurrent,
  MatMul: product,
  RNN: recurrent,
  TransposeMatMul: gemm,
};
