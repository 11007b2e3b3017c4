/**
 * The last pass over a training graph: the same numbers by fewer passes over memory. ONNX Runtime does neither of these itself.
 */
import { sameDims } from '../base/shape.js';
import type { Attribute, NodeData } from '../base/tensor.js';
import type { Graph } from '../graph/graph.js';
import { inferGraph } from '../ops/infer.js';

/** All shapes of the graph are known. */
export function fuse(graph: Graph, opset: number): void {
  addInGemm(graph, opset);
  nameOutputs(graph);
}

const subgraphs = (node: NodeData): boolean =>
  [...node.attributes.values()].some((a: Attribute) => a.kind === 'graph' || a.kind === 'graphs');

/** How many nodes and graph outputs read each value. */
function counts(graph: Graph): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((n) => n.inputs), ...graph.outputs.map((v) => v.name)])
    found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

/** c·v + A·B, where nothing else reads the product, is one Gemm: momentum and weight decay go into the product that is the gradient. */
function addInGemm(graph: Graph, opset: number): void {
  if (graph.nodes.some(subgraphs)) return;
  const types = inferGraph(graph, opset, () => 1);
  const dims = (name: string): readonly number[] => types.get(name)!.dims;
  const uses = counts(graph);
  const producers = new Map(graph.nodes.flatMap((n) => n.outputs.map((name) => [name, n] as const)));
  const alone = (name: string, op: string): NodeData | undefined => {
    const node = producers.get(name);
    return node?.op === op && uses.get(name) === 1 ? node : undefined;
  };
  for (const sum of graph.nodes.filter((n) => n.op === 'Add'))
    for (const [x, y] of [sum.inputs, [...sum.inputs].reverse()] as [string, string][]) {
      const product = alone(x, 'Gemm');
      const scaled = alone(y, 'Mul');
      if (product?.inputs.length !== 2 || !scaled) continue;
      const factor = graph.initializers.get(scaled.inputs[1]!);
      if (factor?.dtype !== 'float32' || factor.dims.length !== 0 || !sameDims(dims(scaled.inputs[0]!), dims(x))) continue;
      const attributes = new Map(product.attributes).set('beta', { kind: 'float', value: factor.data[0] as number });
      const whole: NodeData = {
        ...product,
        name: sum.name,
        inputs: [...product.inputs, scaled.inputs[0]!],
        outputs: sum.outputs,
        attributes,
      };
      graph.replace(product);
      graph.replace(scaled);
      graph.replace(sum, whole);
      producers.set(whole.outputs[0]!, whole);
      break;
    }
}

/** A value that is an output by way of an Identity takes the name of the output: it is not copied. */
function nameOutputs(graph: Graph): void {
  if (graph.nodes.some(subgraphs)) return;
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const made = new Set(graph.nodes.flatMap((n) => n.outputs));
  const renamed = new Map<string, string>();
  for (const node of graph.nodes.filter((n) => n.op === 'Identity' && outputs.has(n.outputs[0]!))) {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    if (!made.has(from) || outputs.has(from) || renamed.has(from)) continue;
    renamed.set(from, to);
    graph.replace(node);
  }
  const now = (name: string): string => renamed.get(name) ?? name;
  for (const node of graph.nodes)
    if ([...node.inputs, ...node.outputs].some((name) => renamed.has(name)))
      graph.replace(node, { ...node, inputs: node.inputs.map(now), outputs: node.outputs.map(now) });
}
