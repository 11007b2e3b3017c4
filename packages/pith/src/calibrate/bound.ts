/** A model read for inputs of fixed shapes: an editable graph, and the types of all values that pith can tell. */
import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';
import type { Feeds } from '../engine/engine.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Known, Value } from '../graph/value.js';
import { inferNode } from '../ops/infer.js';

/** The builder words need at least this. */
export const leastOpset = 17;

export interface Bound {
  readonly builder: Builder;
  /** By name; a value that depends on an operator that pith does not know is missing. */
  readonly types: Map<string, Known>;
}

/** The inputs take the shapes of these feeds. `told`: types that are known from elsewhere. */
export function bound(model: Model, feeds: Feeds, told: ReadonlyMap<string, Known>): Bound {
  const graph = new Graph(model.graph);
  const opset = Math.max(leastOpset, model.opsets.get('') ?? 0);
  const inputs = graph.inputs.flatMap((info) => {
    const fed = feeds.get(info.name);
    return fed ? [{ name: info.name, dtype: fed.dtype, dims: fed.dims }] : [];
  });
  graph.inputs.splice(0, graph.inputs.length, ...inputs);
  const types = new Map<string, Known>([...told, ...inputs.map(({ name, dtype, dims }) => [name, { dtype, dims }] as const)]);
  const builder = new Builder(graph, opset, inferNode);
  tell(builder, types);
  return { builder, types };
}

/** Adds the types of constants and of nodes' outputs that can be told and are not there yet. */
export function tell({ graph, opset }: Builder, types: Map<string, Known>): void {
  for (const [name, tensor] of graph.initializers)
    if (!types.has(name))
      types.set(name, { dtype: tensor.dtype, dims: tensor.dims, ...(sizeOf(tensor.dims) <= shown && { constant: tensor }) });
  for (const node of inOrder(graph.nodes)) {
    if (node.outputs.every((name) => name === '' || types.has(name))) continue;
    for (const [name, type] of typesOf(node, opset, types)) types.set(name, type);
  }
}

/** Larger constants are no shapes, axes or repeats. */
const shown = 4096;

function typesOf(node: NodeData, opset: number, types: ReadonlyMap<string, Known>): [string, Known][] {
  const inputs = node.inputs.map((name) => types.get(name));
  if (node.inputs.some((name, i) => name !== '' && inputs[i] === undefined)) return [];
  try {
    const found = inferNode(node, inputs, opset);
    return node.outputs.flatMap((name, i) => (name !== '' && found[i] ? [[name, found[i]] as [string, Known]] : []));
  } catch (error) {
    if (error instanceof PithError) return [];
    throw error;
  }
}

/** A value of the graph whose type is known. Throws `bug.calibrate`. */
export function knownValue(types: ReadonlyMap<string, Known>, name: string): Value {
  const type = types.get(name);
  if (!type) throw new PithError('bug.calibrate', { at: { tensor: name }, expected: 'a value of known type', got: 'none' });
  return { ...type, name };
}

/** The model of what was built, its outputs alone and what they need. */
export function built(model: Model, { graph, opset }: Pick<Builder, 'graph' | 'opset'>): Model {
  graph.prune();
  return {
    ...model,
    irVersion: Math.max(8, model.irVersion),
    opsets: new Map(model.opsets).set('', opset),
    graph: { ...graph.freeze(), valueInfo: [] },
  };
}
