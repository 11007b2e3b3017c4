/**
 * A model whose real numbers are all float32: statistics are taken in single precision whatever the model's own, because gradients are,
 * and because half precision is slow on a CPU. Integers stay what they are.
 */
import {
  type Attribute,
  type DType,
  dtypeOfOnnx,
  dtypes,
  type GraphData,
  type Model,
  type NodeData,
  type Tensor,
  type ValueInfo,
} from '../base/tensor.js';
import type { Feeds } from '../engine/engine.js';
import { toRef } from '../ops/ref.js';
import type { Samples } from './samples.js';

const isOther = (dtype: DType | null | undefined): boolean => dtype === 'float16' || dtype === 'bfloat16' || dtype === 'float64';

export interface Widened {
  readonly model: Model;
  /** The same samples, as the model takes them. */
  readonly samples: Samples;
}

/** The model and samples themselves where they are float32 already. */
export function widened(model: Model, samples: Samples): Widened {
  const { initializers, inputs, nodes } = model.graph;
  const asked = [...initializers.values()].some((t) => isOther(t.dtype)) || inputs.some((v) => isOther(v.dtype)) || nodes.some(casts);
  if (!asked) return { model, samples };
  const feeds = (start: number, count: number): Feeds => new Map([...samples.feeds(start, count)].map(([name, t]) => [name, wide(t)]));
  return { model: { ...model, graph: widenedGraph(model.graph) }, samples: { ...samples, feeds } };
}

function widenedGraph(graph: GraphData): GraphData {
  return {
    ...graph,
    nodes: graph.nodes.map(widenedNode),
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, t]) => [name, wide(t)])),
    valueInfo: [],
  };
}

const info = (v: ValueInfo): ValueInfo => (isOther(v.dtype) ? { ...v, dtype: 'float32' } : v);

const wide = (tensor: Tensor): Tensor =>
  isOther(tensor.dtype) ? { dtype: 'float32', dims: tensor.dims, data: Float32Array.from(toRef(tensor).data) } : tensor;

/** A type that a node is told to make. */
const casts = (node: NodeData): boolean => isOther(dtypeOfOnnx(Number(node.attributes.get('to')?.value ?? 0)));

function widenedNode(node: NodeData): NodeData {
  const attributes = [...node.attributes].map(([name, attribute]) => [name, widenedAttribute(attribute)] as const);
  const changed = attributes.some(([name, a]) => a !== node.attributes.get(name));
  if (casts(node)) return { ...node, attributes: new Map([...attributes, ['to', { kind: 'int', value: dtypes.float32.onnx }]]) };
  return changed ? { ...node, attributes: new Map(attributes) } : node;
}

function widenedAttribute(attribute: Attribute): Attribute {
  if (attribute.kind === 'tensor') return isOther(attribute.value.dtype) ? { ...attribute, value: wide(attribute.value) } : attribute;
  if (attribute.kind === 'graph') return { ...attribute, value: widenedGraph(attribute.value) };
  return attribute.kind === 'graphs' ? { ...attribute, value: attribute.value.map(widenedGraph) } : attribute;
}
