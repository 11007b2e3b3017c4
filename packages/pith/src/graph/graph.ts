/**
 * The editable graph: nodes that may be replaced, values that have one producer and many users, names that stay unique.
 * Made from a model's graph, changed in private, frozen back into plain data. Nodes themselves stay immutable: an edit replaces one.
 * Invariant: a value name has at most one producer (a node output, an input or an initializer).
 */
import { PithError } from '../base/errors.js';
import { inOrder, reads } from '../base/order.js';
import type { Attribute, GraphData, NodeData, OpaqueInitializer, Tensor, ValueInfo } from '../base/tensor.js';

export interface NewNode {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: ReadonlyMap<string, Attribute>;
}

export class Graph {
  readonly name: string;
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  readonly initializers: Map<string, Tensor>;
  readonly opaqueInitializers: Map<string, OpaqueInitializer>;
  private list: NodeData[];
  private readonly valueInfo: readonly ValueInfo[];
  private readonly names = new Set<string>();
  private counter = 0;

  constructor(data: GraphData) {
    this.name = data.name;
    this.inputs = [...data.inputs];
    this.outputs = [...data.outputs];
    this.initializers = new Map(data.initializers);
    this.opaqueInitializers = new Map(data.opaqueInitializers);
    this.list = [...data.nodes];
    this.valueInfo = data.valueInfo;
    for (const v of this.inputs) this.names.add(v.name);
    for (const name of this.initializers.keys()) this.names.add(name);
    for (const name of this.opaqueInitializers.keys()) this.names.add(name);
    // Names of nodes too: ONNX Runtime refuses two nodes of one name.
    for (const node of this.list) for (const name of [node.name, ...node.outputs, ...node.inputs]) this.names.add(name);
  }

  static empty(name: string): Graph {
    return new Graph({
      name,
      nodes: [],
      inputs: [],
      outputs: [],
      initializers: new Map(),
      opaqueInitializers: new Map(),
      valueInfo: [],
    });
  }

  get nodes(): readonly NodeData[] {
    return this.list;
  }

  /** A name that no value has yet; the same sequence of calls gives the same names. */
  fresh(base: string): string {
    let name = base;
    while (name === '' || this.names.has(name)) name = `${base}_${this.counter++}`;
    this.names.add(name);
    return name;
  }

  add(node: NewNode): NodeData {
    const made: NodeData = { domain: '', name: '', attributes: new Map(), ...node };
    for (const name of made.outputs) this.names.add(name);
    this.list.push(made);
    return made;
  }

  /** Puts another node (or several, or none) in the place of one. */
  replace(old: NodeData, ...by: readonly NodeData[]): void {
    const at = this.list.indexOf(old);
    if (at < 0)
      throw new PithError('bug.graph', { at: { node: old.name }, expected: 'a node of this graph', got: `${old.op} from elsewhere` });
    this.list.splice(at, 1, ...by);
  }

  /** The node that makes a value, or undefined for inputs and initializers. */
  producer(name: string): NodeData | undefined {
    return this.list.find((node) => node.outputs.includes(name));
  }

  /** Nodes that read a value, in order, those that read it from a subgraph included. */
  users(name: string): NodeData[] {
    return this.list.filter((node) => reads(node).includes(name));
  }

  /** Sorts the nodes so that each stands after those it reads from, otherwise keeping their order. Throws `input.cycle`. */
  sort(): void {
    this.list = inOrder(this.list);
  }

  /** Drops nodes and initializers that no output depends on; an input goes with the initializer that is its default. */
  prune(): void {
    const needed = new Set(this.outputs.map((v) => v.name));
    const kept: NodeData[] = [];
    for (const node of inOrder(this.list).reverse())
      if (node.outputs.some((name) => name !== '' && needed.has(name))) {
        for (const name of reads(node)) needed.add(name);
        kept.push(node);
      }
    const keep = new Set(kept);
    this.list = this.list.filter((node) => keep.has(node));
    const dropped = new Set<string>();
    for (const map of [this.initializers, this.opaqueInitializers])
      for (const name of [...map.keys()]) if (!needed.has(name) && map.delete(name)) dropped.add(name);
    this.inputs.splice(0, this.inputs.length, ...this.inputs.filter((v) => !dropped.has(v.name)));
  }

  /** The graph as plain data, nodes in order. Value infos of names that are gone are dropped. */
  freeze(): GraphData {
    const made = new Set(this.list.flatMap((node) => node.outputs));
    return {
      name: this.name,
      nodes: inOrder(this.list),
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      initializers: new Map(this.initializers),
      opaqueInitializers: new Map(this.opaqueInitializers),
      valueInfo: this.valueInfo.filter((v) => made.has(v.name)),
    };
  }
}
