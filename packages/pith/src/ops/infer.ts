/**
 * Types of all values of a graph, and the contents of those that do not depend on any input (shapes computed from shapes).
 * Symbolic dimensions are bound by the caller; a graph with unknown ones is read for a given batch, so every dimension is a number.
 */
import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import { type GraphData, type NodeData, sizeOf, type Tensor, type ValueInfo } from '../base/tensor.js';
import type { Known, TensorType } from '../graph/value.js';
import { checkUnderstood } from '../onnx/versions.js';
import { opOf } from './list.js';
import { NodeView } from './op.js';
import { fromRef, toRef } from './ref.js';

/** Constants up to this many elements are computed while types are inferred; larger ones stay nodes. */
const foldLimit = 4096;

/** The types of a node's outputs, and their contents where all inputs are constant and small. Throws `unsupported.op`. */
export function inferNode(node: NodeData, inputs: readonly (Known | undefined)[], opset: number): readonly Known[] {
  const op = opOf(node.op, node.domain);
  if (!op)
    throw new PithError('unsupported.op', {
      at: { node: node.name, op: node.domain ? `${node.domain}.${node.op}` : node.op },
      expected: 'an operator whose rules pith knows',
      got: node.op,
      fix: 'weights of such a model can still be coded; see `pith doctor`',
    });
  const view = new NodeView(node, opset, inputs);
  const types = op.infer(view);
  const constants = inputs.map((i) => i?.constant);
  const small = types.every((t) => sizeOf(t.dims) <= foldLimit) && constants.every((c) => c === undefined || c.data.length <= foldLimit);
  const shapeOnly = node.op === 'Shape' || node.op === 'Size';
  if (!small || !(shapeOnly || inputs.every((input, i) => input === undefined || constants[i] !== undefined))) return types;
  const refs = inputs.map((input, i) =>
    input === undefined
      ? undefined
      : constants[i]
        ? toRef(constants[i])
        : { dtype: input.dtype, dims: input.dims, data: new Float64Array(0) },
  );
  return op.reference(view, refs).map((ref) => ({ dtype: ref.dtype, dims: ref.dims, constant: fromRef(ref) }));
}

/** How symbolic and unknown dimensions become numbers, by name; '' stands for unknown ones. */
export type Binding = (dim: string, input: string, axis: number) => number;

/** The type of a graph input with its dimensions bound. Throws `unsupported.type` where it is not a tensor of known rank. */
function bindInput(info: ValueInfo, bind: Binding): TensorType {
  if (info.dtype === null || info.dims === null)
    throw new PithError('unsupported.type', {
      at: { tensor: info.name },
      expected: 'an input that is a tensor of known rank',
      got: 'another type',
    });
  return { dtype: info.dtype, dims: info.dims.map((d, axis) => (typeof d === 'number' ? d : bind(d ?? '', info.name, axis))) };
}

/** Types of every value of the graph, by name. Throws `unsupported.opset`, and as the rules do. */
export function inferGraph(graph: Pick<GraphData, 'nodes' | 'inputs' | 'initializers'>, opset: number, bind: Binding): Map<string, Known> {
  checkUnderstood(opset);
  const known = new Map<string, Known>();
  for (const [name, tensor] of graph.initializers) known.set(name, typed(tensor));
  for (const info of graph.inputs) if (!known.has(info.name)) known.set(info.name, bindInput(info, bind));
  for (const node of inOrder(graph.nodes)) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : required(known, name, node)));
    const types = inferNode(node, inputs, opset);
    node.outputs.forEach((name, i) => {
      if (name !== '') known.set(name, types[i] ?? missing(node, i));
    });
  }
  return known;
}

/** A tensor's type, with its contents where they are small enough to matter for shapes. */
const typed = (tensor: Tensor): Known =>
  tensor.data.length <= foldLimit
    ? { dtype: tensor.dtype, dims: tensor.dims, constant: tensor }
    : { dtype: tensor.dtype, dims: tensor.dims };

function required(known: ReadonlyMap<string, Known>, name: string, node: NodeData): Known {
  const found = known.get(name);
  if (!found)
    throw new PithError('input.missing-value', {
      at: { node: node.name, op: node.op },
      expected: `a value "${name}"`,
      got: 'nothing that makes it',
    });
  return found;
}

function missing(node: NodeData, i: number): never {
  throw new PithError('input.node', {
    at: { node: node.name, op: node.op },
    expected: `at most ${i} outputs`,
    got: `${node.outputs.length}`,
  });
}
