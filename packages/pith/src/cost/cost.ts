/**
 * What a model costs to run and to keep: multiply-adds, parameters, bytes of weights and of activations, node by node and in all.
 * Read from shapes alone; nothing is run. Not here: time and energy on a given machine.
 */

import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import { byteSize, type Model, type NodeData, sizeOf } from '../base/tensor.js';
import type { Known } from '../graph/value.js';
import { type Binding, inferGraph } from '../ops/infer.js';
import { opOf } from '../ops/list.js';
import { NodeView } from '../ops/op.js';
import { peakMemory } from './memory.js';

export interface NodeCost {
  readonly name: string;
  readonly op: string;
  /** Shape of the first output. */
  readonly output: readonly number[];
  readonly multiplyAdds: number;
  /** Elements of the float weights that this node is the first to read; running statistics and scalars are not among them. */
  readonly parameters: number;
  /** Bytes of all initializers that this node is the first to read. */
  readonly weightBytes: number;
  /** Bytes of the outputs. */
  readonly activationBytes: number;
}

export interface ModelCost {
  /** In the order in which they run. */
  readonly nodes: readonly NodeCost[];
  readonly totals: {
    readonly multiplyAdds: number;
    readonly parameters: number;
    readonly weightBytes: number;
    /** Bytes of the inputs and of all values that nodes make, as if none were ever freed. */
    readonly activationBytes: number;
    /** The most bytes of activations alive at one time, each freed after its last reader. */
    readonly peakActivationBytes: number;
  };
}

export interface CostOptions {
  /** What symbolic and unknown dimensions are; 1 unless said. */
  readonly bind?: Binding;
}

/** The cost where it can be told; a model with operators that pith does not know has none, and everything else of it can be shown. */
export function costIfKnown(model: Pick<Model, 'graph' | 'opsets'>): ModelCost | undefined {
  try {
    return costOf(model);
  } catch (error) {
    if (error instanceof PithError) return undefined;
    throw error;
  }
}

/** The cost for one image (batch 1) unless `bind` says otherwise. Throws `unsupported.op` for an operator that pith does not know. */
export function costOf(model: Pick<Model, 'graph' | 'opsets'>, { bind = () => 1 }: CostOptions = {}): ModelCost {
  const { graph } = model;
  const opset = model.opsets.get('') ?? 0;
  const types = inferGraph(graph, opset, bind);
  const order = inOrder(graph.nodes);
  const bytes = (name: string): number => bytesOf(types.get(name));
  const counted = new Set<string>();
  const nodes = order.map((node): NodeCost => {
    const inputs = node.inputs.map((name) => types.get(name));
    const fresh = node.inputs
      .map((name, i) => ({ tensor: graph.initializers.get(name), i }))
      .filter(({ tensor, i }) => {
        const first = tensor !== undefined && !counted.has(node.inputs[i]!);
        if (first) counted.add(node.inputs[i]!);
        return first;
      });
    return {
      name: node.name || (node.outputs[0] ?? ''),
      op: node.op,
      output: types.get(node.outputs[0] ?? '')?.dims ?? [],
      multiplyAdds: opOf(node.op, node.domain)?.cost(new NodeView(node, opset, inputs)).multiplyAdds ?? 0,
      parameters: sum(fresh.map(({ tensor, i }) => (isParameter(node, i, tensor!) ? sizeOf(tensor!.dims) : 0))),
      weightBytes: sum(fresh.map(({ tensor }) => byteSize(tensor!.dtype, tensor!.dims))),
      activationBytes: sum(node.outputs.map(bytes)),
    };
  });
  const inputs = graph.inputs.map((v) => v.name).filter((name) => !graph.initializers.has(name));
  return {
    nodes,
    totals: {
      multiplyAdds: sum(nodes.map((n) => n.multiplyAdds)),
      parameters: sum(nodes.map((n) => n.parameters)),
      weightBytes: sum([...graph.initializers.values()].map((t) => byteSize(t.dtype, t.dims))),
      activationBytes: sum(nodes.map((n) => n.activationBytes)) + sum(inputs.map(bytes)),
      peakActivationBytes: peakMemory({ order, inputs, outputs: graph.outputs.map((v) => v.name), bytes }),
    },
  };
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

const bytesOf = (type: Known | undefined): number => (type ? byteSize(type.dtype, type.dims) : 0);

/** Running mean and variance of batch normalisation are not trained; scalars are constants of arithmetic. */
const isParameter = (node: NodeData, i: number, tensor: Known): boolean =>
  tensor.dims.length > 0 && /float/.test(tensor.dtype) && !(node.op === 'BatchNormalization' && i >= 3);
