/** The layers of small models, told by operator and position alone: enough for the tests of this room. */
import type { Model, NodeData } from '../../src/base/tensor.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';

const weightAt: ReadonlyMap<string, number> = new Map([
  ['Conv', 1],
  ['ConvTranspose', 1],
  ['Gemm', 1],
  ['MatMul', 1],
  ['Gather', 0],
  ['LSTM', 1],
]);

/** One layer for each initializer that such a node reads as its weight, in the order of the nodes. */
export function layersOf({ graph }: Model): WeightLayer[] {
  const readers = new Map<string, NodeData[]>();
  for (const node of graph.nodes) {
    const name = node.inputs[weightAt.get(node.op) ?? -1];
    if (name === undefined || !graph.initializers.get(name)?.dtype.startsWith('float')) continue;
    readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return [...readers].map(([weight, nodes]) => {
    const node = nodes[0]!;
    const { dims } = graph.initializers.get(weight)!;
    const common = { weight, op: node.op, node: node.outputs[0]!, readers: nodes };
    if (node.op.startsWith('Conv')) {
      const positions = dims.slice(2).reduce((a, b) => a * b, 1);
      const groups = Number(node.attributes.get('group')?.value ?? 1);
      return { ...common, rows: dims[0]!, columns: dims[1]!, positions, groups, transposed: false };
    }
    const straight = node.op === 'LSTM' || (node.op === 'Gemm' && Number(node.attributes.get('transB')?.value ?? 0) === 1);
    const [rows, columns] = (straight ? dims.slice(-2) : [dims[1], dims[0]]) as [number, number];
    return { ...common, rows, columns, positions: 1, groups: node.op === 'LSTM' ? dims[0]! : 1, transposed: !straight };
  });
}
