/**
 * The graph section, encode and decode side by side. Kept: everything that an ONNX model says, except the names of nodes and of values
 * between them, their inferred types, and attributes that repeat the operator's default. Such values get new names when the graph is
 * read. Nodes name what they read by how lately it was made, so that a chain of layers is a chain of equal small numbers; initializers
 * stand in the order in which nodes first read them, so that "the next one" is all that a layer says of its weights.
 */
import type { ByteReader, ByteWriter } from '../codec/bytes.js';
import { PithError } from '../errors.js';
import type { GraphData, Model, NodeData, OpaqueInitializer, ValueInfo } from '../model.js';
import type { Tensor } from '../tensor.js';
import { readAttributes, writeAttributes } from './attributes.js';
import { type ListedTensor, readListed, readTensor, readType, writeListed, writeTensor, writeType } from './fields.js';
import { type Limits, within } from './limits.js';
import { operators, wordOf } from './vocabulary.js';

/** What a reference to a value says: none, the next initializer, an initializer by number (which follows), or 3 + how lately made. */
const absent = 0;
const nextConstant = 1;
const anyConstant = 2;
const firstValue = 3;

/** Names that a node may use, by number, those of the graphs around it first. */
class Scope {
  readonly parent: Scope | undefined;
  readonly firstValue: number;
  readonly firstConstant: number;
  readonly values: string[] = [];
  readonly constants: string[] = [];
  private readonly valueNumber = new Map<string, number>();
  private readonly constantNumber = new Map<string, number>();
  /** The number of the next initializer of this graph that no node has read yet. */
  next: number;

  constructor(parent?: Scope) {
    this.parent = parent;
    this.firstValue = parent ? parent.valueCount : 0;
    this.firstConstant = parent ? parent.constantCount : 0;
    this.next = this.firstConstant;
  }

  get valueCount(): number {
    return this.firstValue + this.values.length;
  }

  get constantCount(): number {
    return this.firstConstant + this.constants.length;
  }

  addValue(name: string): void {
    this.valueNumber.set(name, this.valueCount);
    this.values.push(name);
  }

  addConstant(name: string): void {
    this.constantNumber.set(name, this.constantCount);
    this.constants.push(name);
  }

  find(name: string): { readonly constant: number } | { readonly value: number } | undefined {
    const constant = this.constantNumber.get(name);
    if (constant !== undefined) return { constant };
    const value = this.valueNumber.get(name);
    return value === undefined ? this.parent?.find(name) : { value };
  }

  value(number: number): string | undefined {
    return number < this.firstValue ? this.parent?.value(number) : this.values[number - this.firstValue];
  }

  constant(number: number): string | undefined {
    return number < this.firstConstant ? this.parent?.constant(number) : this.constants[number - this.firstConstant];
  }
}

/** Names of initializers in the order in which the graph's own nodes first read them, then the others. */
export function inOrderOfUse(graph: GraphData, names: Iterable<string>): string[] {
  const left = new Set(names);
  const order: string[] = [];
  for (const node of graph.nodes) for (const name of node.inputs) if (left.delete(name)) order.push(name);
  return [...order, ...left];
}

/** `declared`: the initializers whose contents are in tensors sections, in the order of those; with them the ones that repeat another. */
export function writeGraphSection(out: ByteWriter, model: Model, declared: readonly ListedTensor[], kind: GraphKind = 'graph'): void {
  out.varint(model.irVersion);
  out.varint(model.opsets.size);
  for (const [domain, version] of model.opsets) {
    out.string(domain);
    out.varint(version);
  }
  for (const text of [model.producerName, model.producerVersion, model.domain, model.doc]) out.string(text);
  out.int64(model.modelVersion);
  out.varint(model.metadata.size);
  for (const [key, value] of model.metadata) {
    out.string(key);
    out.string(value);
  }
  out.varint(model.functions.length);
  for (const proto of model.functions) out.blob(proto);
  out.varint(declared.length);
  for (const { name } of declared) out.string(name);
  for (const [i, listed] of declared.entries()) writeListed(out, listed, usualDim(kind, declared[i - 1]));
  out.string(freePrefix(model.graph, declared));
  writeGraph(
    out,
    model.graph,
    declared.map((d) => d.name),
    undefined,
  );
}

/** The section in which it stands. */
export type GraphKind = 'graph' | 'words';

export interface GraphSection {
  /** Without initializers. */
  readonly model: Model;
  readonly declared: readonly ListedTensor[];
}

/** Throws `input.pith-value`, `input.pith-truncated`, `unsupported.*` or `limit.*`. */
export function readGraphSection(from: ByteReader, limits: Limits, kind: GraphKind = 'graph'): GraphSection {
  const irVersion = from.varint();
  const opsets = readMap(from, () => from.varint());
  const [producerName, producerVersion, domain, doc] = [from.string(), from.string(), from.string(), from.string()];
  const modelVersion = Number(from.int64());
  const metadata = readMap(from, () => from.string());
  const functions = Array.from({ length: from.count() }, () => from.blob().slice());
  const count = from.count(3);
  within(limits, 'maxTensors', count);
  const names = Array.from({ length: count }, () => from.string());
  const declared: ListedTensor[] = [];
  for (const name of names) declared.push(readListed(from, limits, name, declared, usualDim(kind, declared.at(-1))));
  const reader = new GraphReader(from, limits, from.string());
  const graph = reader.graph(names, undefined);
  if (from.left > 0) from.refuse('the end of the graph', `${from.left} bytes more`);
  const model = { irVersion, opsets, producerName, producerVersion, domain, modelVersion, doc, metadata, graph, functions };
  return { model, declared };
}

/** Biases are as long as the weight before them, and layers often as wide as the one before is long. */
const usualDim = (kind: GraphKind, before: ListedTensor | undefined): number => (kind === 'words' && before?.dims[0]) || 0;

function readMap<T>(from: ByteReader, value: () => T): Map<string, T> {
  const map = new Map<string, T>();
  for (let left = from.count(2); left > 0; left--) {
    const key = from.string();
    if (map.has(key)) from.refuse('a key once', `"${key}" twice`);
    map.set(key, value());
  }
  return map;
}

/** Names of all that keeps its name, in this graph and in those inside it. */
function* keptNames(graph: GraphData): Generator<string> {
  for (const value of [...graph.inputs, ...graph.outputs]) yield value.name;
  yield* graph.initializers.keys();
  yield* graph.opaqueInitializers.keys();
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values())
      if (attribute.kind === 'graph') yield* keptNames(attribute.value);
      else if (attribute.kind === 'graphs') for (const inner of attribute.value) yield* keptNames(inner);
}

/** New names are `<prefix><number>`; this one makes sure that no kept name looks so. */
function freePrefix(graph: GraphData, declared: readonly ListedTensor[]): string {
  const taken = [...keptNames(graph), ...declared.map((d) => d.name)].filter((name) => /^v_*\d+$/.test(name));
  let prefix = 'v';
  while (taken.some((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))) prefix += '_';
  return prefix;
}

function writeGraph(out: ByteWriter, graph: GraphData, declared: readonly string[], parent: Scope | undefined): void {
  const scope = new Scope(parent);
  for (const name of declared) scope.addConstant(name);
  const inline = parent ? inOrderOfUse(graph, graph.initializers.keys()) : [];
  out.string(graph.name);
  if (parent) {
    out.varint(inline.length);
    for (const name of inline) {
      scope.addConstant(name);
      out.string(name);
      writeTensor(out, graph.initializers.get(name)!);
    }
  }
  out.varint(graph.opaqueInitializers.size);
  for (const [name, { sparse, proto }] of graph.opaqueInitializers) {
    scope.addConstant(name);
    out.string(name);
    out.u8(sparse ? 1 : 0);
    out.blob(proto);
  }
  out.varint(graph.inputs.length);
  for (const value of graph.inputs) {
    out.string(value.name);
    writeType(out, value);
    scope.addValue(value.name);
  }

  const made = new Map<string, number>();
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') made.set(name, made.size);
  out.varint(graph.outputs.length);
  for (const value of graph.outputs) {
    const number = made.get(value.name);
    out.varint(number === undefined ? 0 : number + 1);
    if (number === undefined) writeReference(out, scope, value.name, graph.name);
    else out.string(value.name);
    writeType(out, value);
  }

  out.varint(graph.nodes.length);
  for (const node of graph.nodes) {
    writeNode(out, node, scope);
    for (const name of node.outputs) if (name !== '') scope.addValue(name);
  }
}

function writeNode(out: ByteWriter, node: NodeData, scope: Scope): void {
  const code = node.domain === '' ? operators.indexOf(node.op) + 1 : 0;
  out.varint(code);
  if (code === 0) {
    out.string(node.domain);
    out.string(node.op);
  }
  out.varint(node.inputs.length);
  for (const name of node.inputs) writeReference(out, scope, name, node.name || (node.outputs[0] ?? ''));
  out.varint(node.outputs.length);
  for (const name of node.outputs) out.u8(name === '' ? 0 : 1);
  writeAttributes(out, node, (inner) => writeGraph(out, inner, [], scope));
}

function writeReference(out: ByteWriter, scope: Scope, name: string, node: string): void {
  const found = name === '' ? undefined : scope.find(name);
  if (name === '') out.varint(absent);
  else if (!found)
    throw new PithError('input.graph-order', {
      at: { node },
      expected: 'inputs that an earlier node, an input or an initializer makes',
      got: `"${name}"`,
      fix: 'sort the graph',
    });
  else if ('value' in found) out.varint(firstValue + scope.valueCount - 1 - found.value);
  else if (found.constant === scope.next) {
    scope.next++;
    out.varint(nextConstant);
  } else {
    out.varint(anyConstant);
    out.varint(found.constant);
  }
}

class GraphReader {
  private readonly from: ByteReader;
  private readonly limits: Limits;
  private readonly prefix: string;
  private named = 0;
  private nodes = 0;
  private depth = 0;

  constructor(from: ByteReader, limits: Limits, prefix: string) {
    this.from = from;
    this.limits = limits;
    this.prefix = prefix;
  }

  graph(declared: readonly string[], parent: Scope | undefined): GraphData {
    const { from, limits } = this;
    within(limits, 'maxDepth', this.depth++);
    const scope = new Scope(parent);
    const names = new Set<string>();
    const keep = (name: string): string => {
      if (names.has(name)) from.refuse('names that are used once', `"${name}" again`);
      if (name === '' || (name.startsWith(this.prefix) && /^\d+$/.test(name.slice(this.prefix.length))))
        from.refuse('a name that is not kept for unnamed values', `"${name}"`);
      names.add(name);
      return name;
    };
    for (const name of declared) scope.addConstant(keep(name));
    const name = from.string();
    const initializers = new Map<string, Tensor>();
    if (parent)
      for (let left = from.count(3); left > 0; left--) {
        const constant = keep(from.string());
        scope.addConstant(constant);
        initializers.set(constant, readTensor(from, limits));
      }
    const opaqueInitializers = new Map<string, OpaqueInitializer>();
    for (let left = from.count(3); left > 0; left--) {
      const constant = keep(from.string());
      scope.addConstant(constant);
      opaqueInitializers.set(constant, { sparse: this.flag(), proto: from.blob().slice() });
    }
    const constants = new Set(names);
    const inputs = Array.from({ length: from.count(3) }, () => {
      const input = from.string();
      // an input may have an initializer as its default
      if (!constants.delete(input)) keep(input);
      scope.addValue(input);
      return { name: input, ...readType(from, limits) };
    });

    const outputNames = new Map<number, string>();
    const outputs = Array.from({ length: from.count(3) }, (): ValueInfo => {
      const number = from.varint();
      const output = number === 0 ? this.reference(scope) : from.string();
      if (number > 0 && outputNames.get(number - 1) !== output) {
        if (outputNames.has(number - 1)) from.refuse('one name for a value', `"${outputNames.get(number - 1)}" and "${output}"`);
        outputNames.set(number - 1, keep(output));
      }
      return { name: output, ...readType(from, limits) };
    });

    const nodeCount = from.count(4);
    this.nodes += nodeCount;
    within(limits, 'maxNodes', this.nodes);
    let made = 0;
    const nodes = Array.from({ length: nodeCount }, () =>
      this.node(scope, () => {
        const value = outputNames.get(made++) ?? `${this.prefix}${this.named++}`;
        scope.addValue(value);
        return value;
      }),
    );
    for (const number of outputNames.keys()) if (number >= made) from.refuse(`an output below ${made}`, String(number));
    this.depth--;
    return { name, nodes, inputs, outputs, initializers, opaqueInitializers, valueInfo: [] };
  }

  private flag(): boolean {
    const byte = this.from.u8();
    return byte > 1 ? this.from.refuse('0 or 1', String(byte)) : byte === 1;
  }

  private node(scope: Scope, make: () => string): NodeData {
    const { from } = this;
    const code = from.varint();
    const domain = code === 0 ? from.string() : '';
    const op = code === 0 ? from.string() : wordOf(operators, code, 'operator');
    const inputs = Array.from({ length: from.count() }, () => this.reference(scope));
    const present = Array.from({ length: from.count() }, () => this.flag());
    const attributes = readAttributes(from, this.limits, () => this.graph([], scope));
    const outputs = present.map((here) => (here ? make() : ''));
    return { op, domain, name: outputs.find((o) => o !== '') ?? '', inputs, outputs, attributes };
  }

  private reference(scope: Scope): string {
    const { from } = this;
    const code = from.varint();
    if (code === absent) return '';
    if (code === nextConstant) return scope.constant(scope.next++) ?? from.refuse('an initializer that is left', 'none');
    if (code === anyConstant) {
      const number = from.varint();
      return scope.constant(number) ?? from.refuse(`an initializer below ${scope.constantCount}`, String(number));
    }
    const back = code - firstValue;
    return (
      scope.value(scope.valueCount - 1 - back) ?? from.refuse(`one of ${scope.valueCount} values made so far`, `${back} before the last`)
    );
  }
}
