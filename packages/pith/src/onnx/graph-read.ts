/** GraphProto and what stands in it (nodes, attributes, value infos) to plain data. Bounds and errors are those of the wire reader. */

import { attributeField as A, attributeType, domainOf, graphField as G, nodeField as N, sparseField, tensorField } from 'pith-runtime/onnx';
import type { Attribute, GraphData, NodeData, OpaqueInitializer, Tensor, ValueInfo } from '../base/tensor.js';
import type { TensorContext } from './external-data.js';
import { readTensor } from './tensor-read.js';
import { readValueInfo } from './value-read.js';
import type { WireReader } from './wire-read.js';

const noAttributes: ReadonlyMap<string, Attribute> = new Map();

/** Reads the GraphProto between two offsets. */
export function readGraph(r: WireReader, from: number, to: number, context: TensorContext): GraphData {
  r.count(512);
  let name = '';
  const nodes: NodeData[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const valueInfo: ValueInfo[] = [];
  const initializers = new Map<string, Tensor>();
  const opaqueInitializers = new Map<string, OpaqueInitializer>();
  // Of several initializers of one name ONNX Runtime takes the last.
  const claim = (tensor: string, byte: number): void => {
    if (tensor === '') r.fail('input.onnx-malformed', 'an initializer with a name', 'none', { at: { byte } });
    initializers.delete(tensor);
    opaqueInitializers.delete(tensor);
  };
  r.again(from, to, (field) => {
    const byte = r.tagAt;
    switch (field) {
      case G.node:
        nodes.push(readNode(r, context));
        break;
      case G.name:
        name = r.string();
        break;
      case G.initializer: {
        const { name: key, tensor, proto } = readTensor(r, context);
        claim(key, byte);
        if (tensor) initializers.set(key, tensor);
        else opaqueInitializers.set(key, { sparse: false, proto });
        break;
      }
      case G.sparseInitializer: {
        const { name: key, proto } = readSparse(r);
        claim(key, byte);
        opaqueInitializers.set(key, { sparse: true, proto });
        break;
      }
      case G.input:
        inputs.push(readValueInfo(r));
        break;
      case G.output:
        outputs.push(readValueInfo(r));
        break;
      case G.valueInfo:
        valueInfo.push(readValueInfo(r));
        break;
      default:
        r.skip();
    }
  });
  // A Constant node goes before an initializer of the same name, as in ONNX Runtime.
  for (const { op, domain, outputs: made } of nodes) if (op === 'Constant' && domain === '') initializers.delete(made[0] ?? '');
  return { name, nodes, inputs, outputs, initializers, opaqueInitializers, valueInfo };
}

/** A sparse tensor is called by the name of its values. */
function readSparse(r: WireReader): { name: string; proto: Uint8Array } {
  r.count(128);
  const to = r.stop();
  const from = r.pos;
  let name = '';
  r.again(from, to, (field) => {
    if (field !== sparseField.values) r.skip();
    else
      r.message((part) => {
        if (part === tensorField.name) name = r.string();
        else r.skip();
      });
  });
  r.pos = to;
  return { name, proto: r.bytes.subarray(from, to) };
}

function readNode(r: WireReader, context: TensorContext): NodeData {
  r.count(192);
  const byte = r.tagAt;
  let name = '';
  let op = '';
  let domain = '';
  let overload = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  let attributes: Map<string, Attribute> | undefined;
  r.message((field) => {
    switch (field) {
      case N.input:
        inputs.push(r.string());
        break;
      case N.output:
        outputs.push(r.string());
        break;
      case N.name:
        name = r.string();
        break;
      case N.op:
        op = r.string();
        break;
      case N.domain:
        domain = domainOf(r.string());
        break;
      case N.overload:
        overload = r.string();
        break;
      case N.attribute: {
        const at = r.tagAt;
        const [key, attribute] = readAttribute(r, context);
        attributes ??= new Map();
        if (attributes.has(key)) r.fail('input.onnx-duplicate', `one attribute "${key}"`, 'two', { at: { byte: at, node: name, op } });
        attributes.set(key, attribute);
        break;
      }
      default:
        r.skip();
    }
  });
  if (op === '') r.fail('input.onnx-malformed', 'a node with an operator', 'none', { at: { byte, node: name } });
  return { op: overload === '' ? op : `${op}:${overload}`, domain, name, inputs, outputs, attributes: attributes ?? noAttributes };
}

/** What an AttributeProto holds, all fields that may be set. */
interface Parts {
  name: string;
  type: number;
  opaque: boolean;
  float: number;
  int: number | bigint;
  string: string;
  tensor: Tensor | undefined;
  graph: GraphData | undefined;
  readonly floats: number[];
  readonly ints: (number | bigint)[];
  readonly strings: string[];
  readonly graphs: GraphData[];
}

function readAttribute(r: WireReader, context: TensorContext): [name: string, attribute: Attribute] {
  r.count(256);
  const byte = r.tagAt;
  const to = r.stop();
  const from = r.pos;
  const p: Parts = {
    name: '',
    type: 0,
    opaque: false,
    float: 0,
    int: 0,
    string: '',
    tensor: undefined,
    graph: undefined,
    floats: [],
    ints: [],
    strings: [],
    graphs: [],
  };
  r.again(from, to, (field) => readPart(r, field, p, context));
  r.pos = to;
  if (p.name === '') r.fail('input.onnx-malformed', 'an attribute with a name', 'none', { at: { byte } });
  const attribute = p.opaque ? undefined : attributeOf(p);
  return [p.name, attribute ?? { kind: 'opaque', value: r.bytes.subarray(from, to) }];
}

function readPart(r: WireReader, field: number, p: Parts, context: TensorContext): void {
  const text = (): string => {
    const found = r.text();
    p.opaque ||= found === undefined;
    return found ?? '';
  };
  switch (field) {
    case A.name:
      p.name = r.string();
      break;
    case A.type:
      p.type = r.natural();
      break;
    case A.float:
      p.float = r.float();
      break;
    case A.int:
      p.int = r.int();
      break;
    case A.string:
      p.string = text();
      break;
    case A.tensor:
      if (p.tensor) r.malformed('one tensor', 'two');
      // the bytes of an attribute may have to be kept as they are
      p.tensor = readTensor(r, inside(context)).tensor;
      p.opaque ||= p.tensor === undefined;
      break;
    case A.graph:
      if (p.graph) r.malformed('one graph', 'two');
      p.graph = readSubgraph(r, inside(context));
      break;
    case A.floats:
      r.floats((value) => {
        r.count(8);
        p.floats.push(value);
      });
      break;
    case A.ints:
      r.ints((value) => {
        r.count(8);
        p.ints.push(value);
      });
      break;
    case A.strings:
      p.strings.push(text());
      break;
    case A.graphs:
      p.graphs.push(readSubgraph(r, inside(context)));
      break;
    case A.refName:
      p.opaque ||= r.string() !== '';
      break;
    default:
      r.skip();
  }
}

const inside = (context: TensorContext): TensorContext => ({ ...context, owned: false });

function readSubgraph(r: WireReader, context: TensorContext): GraphData {
  const to = r.stop();
  const graph = readGraph(r, r.pos, to, context);
  r.pos = to;
  return graph;
}

/** The attribute by its declared type; undefined where pith has no kind for it. */
function attributeOf(p: Parts): Attribute | undefined {
  switch (p.type) {
    case attributeType.float:
      return { kind: 'float', value: p.float };
    case attributeType.int:
      return { kind: 'int', value: p.int };
    case attributeType.string:
      return { kind: 'string', value: p.string };
    case attributeType.tensor:
      return p.tensor && { kind: 'tensor', value: p.tensor };
    case attributeType.graph:
      return p.graph && { kind: 'graph', value: p.graph };
    case attributeType.floats:
      return { kind: 'floats', value: p.floats };
    case attributeType.ints:
      return { kind: 'ints', value: p.ints };
    case attributeType.strings:
      return { kind: 'strings', value: p.strings };
    case attributeType.graphs:
      return { kind: 'graphs', value: p.graphs };
    default:
      return undefined;
  }
}
