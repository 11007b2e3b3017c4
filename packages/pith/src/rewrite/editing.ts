/**
 * A graph while a rewrite replaces its nodes one by one: who makes a value, how often it is read, what it holds where it is constant.
 * Each question takes one look-up, so that a rewrite is linear in the graph. A constant is an initializer that no caller can replace, or
 * the tensor of a Constant node, also behind Identity (which exporters put where two layers share a weight).
 */
import { inOrder, reads } from '../base/order.js';
import type { GraphData, Model, NodeData, Tensor } from '../base/tensor.js';

export interface Constant {
  /** The initializer, or the output of the Constant node, that holds it. */
  readonly name: string;
  readonly tensor: Tensor;
  /** How many inputs of nodes, outputs of the graph and inner graphs read it, or a value on the way from it. */
  readonly readers: number;
}

/** What reads a value: a node, once for each of its inputs and of the reads of the graphs inside it, or an output of the graph. */
type Reader = NodeData | 'output';

export class Editing {
  private readonly graph: GraphData;
  private readonly initializers: Map<string, Tensor>;
  private readonly slots: (NodeData | undefined)[];
  private readonly slotOf = new Map<string, number>();
  private readonly readers = new Map<string, Reader[]>();
  /** Initializers that a caller may replace by a value of his own. */
  private readonly open: ReadonlySet<string>;
  private readonly inputsAreInitializers: boolean;

  constructor({ graph, irVersion }: Model) {
    this.graph = graph;
    this.initializers = new Map(graph.initializers);
    this.slots = inOrder(graph.nodes);
    this.slots.forEach((node, slot) => {
      for (const name of node?.outputs ?? []) this.slotOf.set(name, slot);
      for (const name of node ? reads(node) : []) this.addReader(name, node!);
    });
    for (const { name } of graph.outputs) this.addReader(name, 'output');
    // Up to IR 3 every initializer had to stand among the inputs, and none could be replaced.
    this.inputsAreInitializers = irVersion < 4;
    this.open = new Set(this.inputsAreInitializers ? [] : graph.inputs.map((v) => v.name));
  }

  /** The nodes as they were at first, each before those that read from it. */
  get nodes(): readonly NodeData[] {
    return this.slots.filter((node) => node !== undefined);
  }

  /** The rank of a value where the file says it. */
  rankOf(name: string): number | undefined {
    const { inputs, valueInfo } = this.graph;
    return [...inputs, ...valueInfo].find((v) => v.name === name)?.dims?.length;
  }

  maker(name: string): NodeData | undefined {
    const slot = this.slotOf.get(name);
    return slot === undefined ? undefined : this.slots[slot];
  }

  readersOf(name: string): readonly Reader[] {
    return this.readers.get(name) ?? [];
  }

  constant(name: string): Constant | undefined {
    let readers = 1;
    for (let at = name; ; ) {
      readers = Math.max(readers, this.readersOf(at).length);
      const tensor = this.open.has(at) ? undefined : this.initializers.get(at);
      if (tensor) return { name: at, tensor, readers };
      const node = this.maker(at);
      if (node?.domain !== '') return undefined;
      const value = node.op === 'Constant' ? node.attributes.get('value') : undefined;
      if (value?.kind === 'tensor') return { name: at, tensor: value.value, readers };
      if (node.op !== 'Identity') return undefined;
      at = node.inputs[0] ?? '';
    }
  }

  /** Gives a constant other contents; a name that nobody has becomes an initializer. */
  setConstant(name: string, tensor: Tensor): void {
    const node = this.maker(name);
    if (node) this.replace(node, { ...node, attributes: new Map([['value', { kind: 'tensor', value: tensor }]]) });
    else this.initializers.set(name, tensor);
  }

  /** A name for a new initializer, made from that of a value which only it belongs to. */
  fresh(base: string): string {
    let name = base;
    const taken = (): boolean => this.slotOf.has(name) || this.initializers.has(name) || this.graph.inputs.some((v) => v.name === name);
    for (let n = 1; taken(); n++) name = `${base}_${n}`;
    return name;
  }

  /** Puts a node in the place of another, or nothing. */
  replace(old: NodeData, by?: NodeData): void {
    const slot = this.slots.indexOf(old);
    this.slots[slot] = by;
    for (const name of old.outputs) if (this.slotOf.get(name) === slot) this.slotOf.delete(name);
    for (const name of reads(old)) {
      const readers = this.readers.get(name) ?? [];
      readers.splice(readers.indexOf(old), 1);
    }
    if (!by) return;
    for (const name of by.outputs) this.slotOf.set(name, slot);
    for (const name of reads(by)) this.addReader(name, by);
  }

  private addReader(name: string, reader: Reader): void {
    const known = this.readers.get(name);
    if (known) known.push(reader);
    else this.readers.set(name, [reader]);
  }

  /** The graph as it is now. Constants that a rewrite left without a reader are gone; those that had none before stay. */
  finish(): GraphData {
    const dropped = (name: string): boolean => this.readers.get(name)?.length === 0;
    const idle = (node: NodeData): boolean =>
      node.domain === '' && (node.op === 'Constant' || node.op === 'Identity') && dropped(node.outputs[0] ?? '');
    for (const node of [...this.nodes].reverse()) if (idle(node)) this.replace(node);
    for (const name of this.initializers.keys()) if (dropped(name)) this.initializers.delete(name);
    const nodes = inOrder(this.nodes);
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const gone = (name: string): boolean => this.graph.initializers.has(name) && !this.initializers.has(name);
    const { inputs, valueInfo } = this.graph;
    return {
      ...this.graph,
      nodes,
      inputs: this.inputsAreInitializers ? inputs.filter((v) => !gone(v.name)) : inputs,
      initializers: this.initializers,
      valueInfo: valueInfo.filter((v) => made.has(v.name)),
    };
  }
}
