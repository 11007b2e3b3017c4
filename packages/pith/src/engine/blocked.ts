/**
 * Convolutions in the blocked layout of ONNX Runtime's CPU provider (channels in blocks of a vector register; Georganas et al., 2018).
 * ONNX Runtime changes to it by itself where weights are constant; in a training graph they are inputs. Its operators are internal to
 * ONNX Runtime (domain com.microsoft.nchwc), so this happens when a graph is opened and is never in a file: training graphs keep to
 * standard operators.
 *
 * Milliseconds, one thread, batch 64, 3×3, both changes of layout included: [16,32,32] 5.3 instead of 8.9; [32,16,16] 2.5 (4.4);
 * [64,8,8] 1.7 (2.8). Channels filled up to whole blocks gain nothing: LeNet's second layer takes 2.4 instead of 2.1.
 */
import { PithError } from '../base/errors.js';
import type { Attribute, GraphData, Model, NodeData } from '../base/tensor.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Known } from '../graph/value.js';
import { inferGraph, inferNode } from '../ops/infer.js';
import type { Session } from './engine.js';

const domain = 'com.microsoft.nchwc';

/** Larger windows are those of weight gradients, whose "weights" are too large for the blocked kernels: 10 % slower. */
const largestWindow = 49;

/** The same model with convolutions in blocks of so many channels where that gains; the model itself where there are none. */
export function blockConvolutions(model: Model, block: number): Model {
  const opset = model.opsets.get('') ?? 0;
  const candidates = changing(model.graph);
  const types = candidates.length > 0 ? typesOf(model.graph, opset) : undefined;
  const chosen = types ? candidates.filter((node) => gains(node, types.get(node.inputs[1]!), block)) : [];
  if (!types || chosen.length === 0) return model;
  const graph = new Graph(model.graph);
  const op = new Builder(graph, opset, inferNode);
  const add = (kind: string, inputs: readonly string[], attributes: ReadonlyMap<string, Attribute>): string => {
    const output = graph.fresh(kind);
    graph.add({ op: kind, domain, name: output, inputs, outputs: [output], attributes });
    return output;
  };
  const images = new Map<string, string>();
  for (const node of chosen) {
    const [x, w, ...bias] = node.inputs as [string, string, ...string[]];
    const weight = types.get(w)!;
    const [filters, channels, ...kernel] = weight.dims as [number, number, ...number[]];
    const split = op.Reshape({ ...weight, name: w }, [filters / block, block, channels / block, block, ...kernel]);
    const blocks = op.Reshape(op.Transpose(split, [0, 2, 4, 5, 3, 1]), weight.dims);
    const image = images.get(x) ?? add('ReorderInput', [x], new Map());
    images.set(x, image);
    const result = add(
      'Conv',
      [image, blocks.name, ...bias],
      new Map(node.attributes).set('kernel_shape', { kind: 'ints', value: kernel }),
    );
    const attributes = new Map<string, Attribute>([['channels', { kind: 'int', value: filters }]]);
    graph.replace(node, { ...node, op: 'ReorderOutput', domain, inputs: [result], attributes });
  }
  return { ...model, opsets: new Map(model.opsets).set(domain, 1), graph: graph.freeze() };
}

/** Whether there is any reason to ask for the size of a block. */
export const hasChangingWeights = (model: Model): boolean => changing(model.graph).length > 0;

const changing = ({ nodes, initializers }: GraphData): NodeData[] =>
  nodes.filter((node) => node.op === 'Conv' && node.domain === '' && !initializers.has(node.inputs[1]!));

/** Of a graph with operators or shapes that pith cannot tell: undefined, and it is left as it is. */
function typesOf(graph: GraphData, opset: number): ReadonlyMap<string, Known> | undefined {
  try {
    return inferGraph(graph, opset, () => 1); // no weight has the shape of a batch
  } catch (error) {
    if (error instanceof PithError) return undefined;
    throw error;
  }
}

/** Planes in one group, whole blocks of channels on both sides, and a window. */
function gains(node: NodeData, weight: Known | undefined, block: number): boolean {
  if (weight?.dtype !== 'float32' || weight.dims.length !== 4 || Number(node.attributes.get('group')?.value ?? 1) !== 1) return false;
  const [filters, channels, height, width] = weight.dims as [number, number, number, number];
  const window = height * width;
  return filters % block === 0 && channels % block === 0 && window > 1 && window <= largestWindow;
}

const probed = 16;

/** A graph whose result tells the size of a block: two pixels of 16 channels, numbered, as the blocked layout has them. */
export function blockProbe(): Model {
  const graph = Graph.empty('probe');
  const type = { dtype: 'float32', dims: [1, probed, 1, 2] } as const;
  graph.inputs.push({ name: 'x', ...type });
  graph.outputs.push({ name: 'y', ...type });
  graph.add({ op: 'ReorderInput', domain, inputs: ['x'], outputs: ['y'] });
  const empty = { producerName: '', producerVersion: '', domain: '', modelVersion: 0, doc: '', metadata: new Map(), functions: [] };
  return {
    ...empty,
    irVersion: 8,
    opsets: new Map([
      ['', 17],
      [domain, 1],
    ]),
    graph: graph.freeze(),
  };
}

/** Channels of a block, from a session of the probe. */
export async function blockOf(session: Session): Promise<number> {
  const data = Float32Array.from({ length: 2 * probed }, (_, i) => i);
  const results = await session.run(new Map([['x', { dtype: 'float32', dims: [1, probed, 1, 2], data }]]));
  const found = results.get('y')!.data as Float32Array;
  const end = found.findIndex((value, i) => value !== 2 * i);
  return end < 0 ? probed : end;
}
