/**
 * The order in which nodes depend on each other: what a node reads, the scope of subgraphs included, and the topological order of a list.
 */
import { PithError } from './errors.js';
import type { Attribute, GraphData, NodeData } from './tensor.js';

/** Every name that a node reads, those of its subgraphs' outer scope included. */
export function reads(node: NodeData): string[] {
  const names = node.inputs.filter((n) => n !== '');
  for (const attribute of node.attributes.values()) {
    const graphs = attribute.kind === 'graph' ? [attribute.value] : attribute.kind === 'graphs' ? attribute.value : [];
    for (const graph of graphs) for (const name of outerReads(graph)) names.push(name);
  }
  return names;
}

function outerReads(graph: GraphData): string[] {
  const own = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys(), ...graph.opaqueInitializers.keys()]);
  for (const node of graph.nodes) for (const name of node.outputs) own.add(name);
  const outer = graph.nodes.flatMap(reads);
  return [...outer, ...graph.outputs.map((v) => v.name)].filter((name) => !own.has(name));
}

/** Topological order by depth-first search without recursion, stable. Throws `input.cycle` naming a node on the cycle. */
export function inOrder(nodes: readonly NodeData[]): NodeData[] {
  const maker = new Map<string, NodeData>();
  for (const node of nodes) for (const name of node.outputs) if (name !== '') maker.set(name, node);
  const state = new Map<NodeData, 'open' | 'done'>();
  const order: NodeData[] = [];
  for (const root of nodes) {
    if (state.has(root)) continue;
    const stack: { node: NodeData; needs: NodeData[] }[] = [];
    const enter = (node: NodeData): void => {
      state.set(node, 'open');
      const needs = reads(node).flatMap((name) => maker.get(name) ?? []);
      stack.push({ node, needs: needs.reverse() });
    };
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.needs.pop();
      if (!next) {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
      } else if (state.get(next) === 'open')
        throw new PithError('input.cycle', {
          at: { node: next.name, op: next.op },
          expected: 'a graph without cycles',
          got: `a node that depends on its own output "${next.outputs[0]}"`,
        });
      else if (!state.has(next)) enter(next);
    }
  }
  return order;
}

/** A graph and all graphs inside it with their nodes in such an order. Throws `input.cycle`. */
export function sortedGraph(graph: GraphData): GraphData {
  const nodes = inOrder(graph.nodes).map((node) => {
    const attributes = new Map<string, Attribute>();
    for (const [key, attribute] of node.attributes)
      if (attribute.kind === 'graph') attributes.set(key, { kind: 'graph', value: sortedGraph(attribute.value) });
      else if (attribute.kind === 'graphs') attributes.set(key, { kind: 'graphs', value: attribute.value.map(sortedGraph) });
      else attributes.set(key, attribute);
    return { ...node, attributes };
  });
  return { ...graph, nodes };
}
