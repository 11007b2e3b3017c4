/**
 * What a model does with each of its initializers: the nodes that read it, those in graphs inside nodes included, and in which order of
 * elements they see it. Operators that only pass a tensor on (Identity, Transpose, Reshape …) are followed to who uses it in the end.
 */
import { inOrder } from '../base/order.js';
import { type GraphData, type Model, type NodeData, sizeOf, type Tensor } from '../base/tensor.js';

/** The value that a node reads, compared with the initializer that it comes from. */
interface Seen {
  readonly root: string;
  /** Of the value; null where unknown. */
  readonly dims: readonly number[] | null;
  /** Its row-major order: that of the initializer, that of its transpose as a matrix, or another. `part`: not all elements, or repeated. */
  readonly order: 'same' | 'transposed' | 'other' | 'part';
}

export interface Use extends Seen {
  readonly node: NodeData;
  /** Which input of the node. */
  readonly input: number;
  /** In a graph inside a node: its values cannot be looked at from outside. */
  readonly inside: boolean;
}

export interface Uses {
  /** By initializer, in the order in which nodes run. */
  readonly of: ReadonlyMap<string, readonly Use[]>;
  /** Initializers that are an output of the model as they are, or passed on. */
  readonly outputs: ReadonlySet<string>;
}

/** Of the initializers of the main graph. */
export function usesOf({ graph }: Pick<Model, 'graph'>): Uses {
  const of = new Map<string, Use[]>();
  const outputs = new Set<string>();
  const scope = new Scope(undefined);
  for (const [name, { dims }] of graph.initializers) scope.set(name, { root: name, dims, order: 'same' });
  walk(graph, scope, (use) => {
    const known = of.get(use.root);
    if (known) known.push(use);
    else of.set(use.root, [use]);
  });
  for (const { name } of graph.outputs) {
    const seen = scope.get(name);
    if (seen) outputs.add(seen.root);
  }
  return { of, outputs };
}

/** What names stand for, those of the graphs around included; a name that a graph gives itself hides the one outside. */
class Scope {
  private readonly own = new Map<string, Seen | undefined>();
  private readonly constants = new Map<string, Tensor>();
  readonly parent: Scope | undefined;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  set(name: string, seen: Seen | undefined): void {
    this.own.set(name, seen);
  }

  setConstant(name: string, tensor: Tensor): void {
    this.constants.set(name, tensor);
  }

  get(name: string): Seen | undefined {
    return this.own.has(name) ? this.own.get(name) : this.parent?.get(name);
  }

  /** The numbers of a constant vector (a shape, axes). */
  numbers(name: string): number[] | undefined {
    const tensor = this.constants.get(name);
    if (!tensor) return this.parent?.numbers(name);
    return sizeOf(tensor.dims) <= 64 ? Array.from(tensor.data as ArrayLike<number | bigint>, Number) : undefined;
  }
}

function walk(graph: GraphData, scope: Scope, give: (use: Use) => void): void {
  for (const [name, tensor] of graph.initializers) scope.setConstant(name, tensor);
  for (const node of inOrder(graph.nodes)) {
    const value = node.op === 'Constant' && node.domain === '' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor') scope.setConstant(node.outputs[0] ?? '', value.value);
    const passed = node.domain === '' ? passedOn(node, scope) : undefined;
    for (const name of node.outputs) if (name !== '') scope.set(name, passed);
    if (!passed)
      node.inputs.forEach((name, input) => {
        const seen = name === '' ? undefined : scope.get(name);
        if (seen) give({ ...seen, node, input, inside: scope.parent !== undefined });
      });
    for (const attribute of node.attributes.values()) {
      const graphs = attribute.kind === 'graph' ? [attribute.value] : attribute.kind === 'graphs' ? attribute.value : [];
      for (const inner of graphs) {
        const within = new Scope(scope);
        for (const { name } of inner.inputs) within.set(name, undefined);
        for (const name of [...inner.initializers.keys(), ...inner.opaqueInitializers.keys()]) within.set(name, undefined);
        walk(inner, within, give);
      }
    }
  }
}

/** Operators whose result is a part of what they read, or repeats it. */
const cutting = new Set(['Expand', 'Pad', 'Slice', 'Split', 'Tile']);

/** What a node passes on of an initializer; undefined where it does something with it, or reads none. */
function passedOn(node: NodeData, scope: Scope): Seen | undefined {
  const from = scope.get(node.inputs[0] ?? '');
  if (!from) return undefined;
  if (cutting.has(node.op)) return { root: from.root, dims: null, order: 'part' };
  const { dims, order } = from;
  switch (node.op) {
    case 'Identity':
    case 'Cast':
      return from;
    case 'Transpose':
      return transposed(from, intsOf(node, 'perm'));
    case 'Flatten':
    case 'Reshape':
    case 'Squeeze':
    case 'Unsqueeze': {
      const to = dims && reshaped(node, dims, scope);
      return { ...from, dims: to, order: order === 'transposed' && to?.join() !== dims?.join() ? 'other' : order };
    }
    default:
      return undefined;
  }
}

function transposed(from: Seen, perm: readonly number[] | undefined): Seen {
  const { dims, order } = from;
  if (!dims || order === 'part') return from;
  const axes = perm ?? dims.map((_, i) => dims.length - 1 - i);
  const to = axes.map((axis) => dims[axis] ?? 0);
  if (axes.every((axis, i) => axis === i)) return from;
  if (dims.length !== 2 || order === 'other') return { ...from, dims: to, order: 'other' };
  return { ...from, dims: to, order: order === 'same' ? 'transposed' : 'same' };
}

const intsOf = (node: NodeData, name: string): number[] | undefined => {
  const found = node.attributes.get(name);
  return found?.kind === 'ints' ? found.value.map(Number) : undefined;
};

const axisOf = (node: NodeData): number => {
  const found = node.attributes.get('axis');
  return found?.kind === 'int' ? Number(found.value) : 1;
};

/** The new dims, or null where they do not follow from constants. */
function reshaped(node: NodeData, dims: readonly number[], scope: Scope): number[] | null {
  const second = node.inputs[1] ? scope.numbers(node.inputs[1]) : undefined;
  const size = sizeOf(dims);
  let to: number[] | undefined;
  if (node.op === 'Flatten') {
    const axis = axisOf(node) < 0 ? axisOf(node) + dims.length : axisOf(node);
    to = [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis))];
  } else if (node.op === 'Reshape') {
    const shape = (second ?? intsOf(node, 'shape'))?.map((d, i) => (d === 0 ? (dims[i] ?? 0) : d));
    const known = shape?.reduce((product, d) => (d === -1 ? product : product * d), 1);
    to = shape?.map((d) => (d === -1 ? size / (known || 1) : d));
  } else {
    const given = second ?? intsOf(node, 'axes');
    const rank = node.op === 'Squeeze' ? dims.length : dims.length + (given?.length ?? 0);
    const axes = new Set(given?.map((axis) => (axis < 0 ? axis + rank : axis)));
    if (node.op === 'Squeeze') to = dims.filter((d, i) => (given ? !axes.has(i) : d !== 1));
    else if (given) {
      const left = [...dims];
      to = Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (left.shift() ?? 1)));
    }
  }
  return to?.every(Number.isSafeInteger) && to.reduce((a, b) => a * b, 1) === size ? to : null;
}
