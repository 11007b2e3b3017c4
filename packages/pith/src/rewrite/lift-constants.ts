/**
 * Weights that stand in Constant nodes, or in the graphs inside If, Loop and Scan, become initializers of the main graph, where they are
 * coded as tensors. They keep their names where no other value has them. What they are read for stays as it was: an inner graph sees the
 * values around it. Small ones stay: they cost less where they are.
 */
import { type Attribute, type GraphData, type Model, type NodeData, sizeOf, type Tensor } from '../base/tensor.js';

/** Elements from which a constant is lifted. */
const least = 64;

/** Nodes whose inner graphs may read any value around them. */
const open = new Set(['If', 'Loop', 'Scan']);

export function liftConstants(model: Model): Model {
  const lifting = new Lifting(model.graph);
  const graph = lifting.lowered(model.graph, new Map(), 'nodes');
  if (lifting.lifted.size === 0) return model;
  return { ...model, graph: { ...graph, initializers: new Map([...graph.initializers, ...lifting.lifted]) } };
}

/** What is lifted of a graph: constants of its nodes, its initializers too, nothing. */
type Reach = 'nodes' | 'all' | 'nothing';

class Lifting {
  readonly lifted = new Map<string, Tensor>();
  /** How many values of the model have a name. */
  private readonly named = new Map<string, number>();

  constructor(graph: GraphData) {
    this.countNames(graph);
  }

  private countNames(graph: GraphData): void {
    for (const name of ownNames(graph)) this.named.set(name, (this.named.get(name) ?? 0) + 1);
    for (const node of graph.nodes) for (const inner of innerGraphs(node)) this.countNames(inner);
  }

  /** The name of the new initializer. */
  private lift(name: string, tensor: Tensor): string {
    let free = name;
    for (let n = 1; this.named.get(free) !== (free === name ? 1 : undefined); n++) free = `${name}_${n}`;
    this.named.set(free, 1);
    this.lifted.set(free, tensor);
    return free;
  }

  /** `outside`: new names of what was lifted from the graphs around. */
  lowered(graph: GraphData, outside: ReadonlyMap<string, string>, reach: Reach): GraphData {
    const fixed = new Set([...graph.inputs, ...graph.outputs].map((v) => v.name));
    const names = new Map(outside);
    for (const name of ownNames(graph)) names.delete(name);
    const takes = (name: string, tensor: Tensor): boolean => {
      if (reach === 'nothing' || sizeOf(tensor.dims) < least || fixed.has(name)) return false;
      names.set(name, this.lift(name, tensor));
      return true;
    };
    const initializers = new Map([...graph.initializers].filter(([name, tensor]) => reach !== 'all' || !takes(name, tensor)));
    const nodes = graph.nodes.filter((node) => {
      const value = node.op === 'Constant' && node.domain === '' ? node.attributes.get('value') : undefined;
      return value?.kind !== 'tensor' || !takes(node.outputs[0] ?? '', value.value);
    });
    return { ...graph, initializers, nodes: nodes.map((node) => this.renamed(node, names)) };
  }

  private renamed(node: NodeData, names: ReadonlyMap<string, string>): NodeData {
    const reach = node.domain === '' && open.has(node.op) ? 'all' : 'nothing';
    const lowered = ([key, attribute]: [string, Attribute]): [string, Attribute] => {
      if (attribute.kind === 'graph') return [key, { kind: 'graph', value: this.lowered(attribute.value, names, reach) }];
      if (attribute.kind !== 'graphs') return [key, attribute];
      return [key, { kind: 'graphs', value: attribute.value.map((inner) => this.lowered(inner, names, reach)) }];
    };
    return {
      ...node,
      inputs: node.inputs.map((name) => names.get(name) ?? name),
      attributes: new Map([...node.attributes].map(lowered)),
    };
  }
}

const ownNames = (graph: GraphData): Set<string> =>
  new Set([
    ...graph.inputs.map((v) => v.name),
    ...graph.initializers.keys(),
    ...graph.opaqueInitializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);

const innerGraphs = (node: NodeData): readonly GraphData[] =>
  [...node.attributes.values()].flatMap((a) => (a.kind === 'graph' ? [a.value] : a.kind === 'graphs' ? a.value : []));
