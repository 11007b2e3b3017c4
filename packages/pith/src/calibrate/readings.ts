/** Which nodes apply a weight in a way that statistics can be had of. A new kind of node is a line here. */
import type { GraphData } from '../base/tensor.js';
import { convolution, transposedConvolution } from './image-reading.js';
import type { WeightLayer } from './layer.js';
import { gemm, inputRows, product, recurrentState } from './matrix-reading.js';
import type { Read, Reading } from './reading.js';

/** The readings of those of the layer's nodes that pith can see through, at the first input that comes from the weight. */
export function readingsOf(layer: WeightLayer, graph: GraphData): Reading[] {
  const weight = graph.initializers.get(layer.weight);
  if (!weight) return [];
  const sources = passedOn(layer.weight, graph);
  return layer.readers.flatMap(
    (node) =>
      readingAt(
        { layer, node, weight },
        node.inputs.findIndex((name) => sources.has(name)),
      ) ?? [],
  );
}

/** Operators whose result is the same weight, in another order or type. */
const passing = new Set(['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

function passedOn(weight: string, { nodes }: GraphData): Set<string> {
  const names = new Set([weight]);
  for (const node of nodes) if (passing.has(node.op) && names.has(node.inputs[0] ?? '')) names.add(node.outputs[0]!);
  return names;
}

function readingAt(read: Read, at: number): Reading | undefined {
  const { node } = read;
  switch (node.op) {
    case 'Conv':
    case 'FusedConv':
      return at === 1 ? convolution(read) : undefined;
    case 'ConvTranspose':
      return at === 1 ? transposedConvolution(read) : undefined;
    case 'MatMul':
      return at === 0 || at === 1 ? product(read, at) : undefined;
    case 'FusedGemm':
    case 'FusedMatMul':
    case 'Gemm':
      return at === 0 || at === 1 ? gemm(read, at) : undefined;
    case 'Attention':
    case 'GemmFastGelu':
      return at === 1 ? inputRows(read) : undefined;
    case 'GRU':
    case 'LSTM':
    case 'RNN':
      return at === 1 ? inputRows(read) : at === 2 ? recurrentState(read) : undefined;
    case 'Gather':
      return at === 0 && Number(node.attributes.get('axis')?.value ?? 0) === 0
        ? { kind: 'lookup', index: node.inputs[1]!, result: node.outputs[0]! }
        : undefined;
    default:
      return undefined;
  }
}
