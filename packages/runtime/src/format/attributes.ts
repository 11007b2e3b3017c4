/** Attributes of nodes, encode and decode side by side; which of them say nothing because they are the operator's default. */
import type { ByteReader, ByteWriter } from '../codec/bytes.js';
import type { Attribute, GraphData, NodeData } from '../model.js';
import { readTensor, writeTensor } from './fields.js';
import type { Limits } from './limits.js';
import { kinds, attributes as known, wordOf } from './vocabulary.js';

/** Ints that are the default of these operators in every opset from 13 on, whatever their number. */
const ofWindow: Readonly<Record<string, number>> = { strides: 1, dilations: 1, pads: 0, group: 1 };
const ofProduct: Readonly<Record<string, number>> = { transA: 0, transB: 0 };
const ints: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Conv: ofWindow,
  MaxPool: { ...ofWindow, ceil_mode: 0, storage_order: 0 },
  AveragePool: { ...ofWindow, ceil_mode: 0, count_include_pad: 0 },
  Gemm: ofProduct,
  Flatten: { axis: 1 },
};
const floats: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Gemm: { alpha: 1, beta: 1 },
  BatchNormalization: { epsilon: Math.fround(1e-5), momentum: Math.fround(0.9) },
};

/** Whether the node would mean the same without this attribute. */
export function isDefaultAttribute(node: NodeData, name: string, attribute: Attribute): boolean {
  if (node.domain !== '') return false;
  const whole = ints[node.op]?.[name];
  switch (attribute.kind) {
    case 'int':
      return Number(attribute.value) === whole;
    case 'ints':
      return whole !== undefined && attribute.value.every((v) => Number(v) === whole);
    case 'float':
      return Math.fround(attribute.value) === floats[node.op]?.[name];
    case 'string':
      return name === 'auto_pad' && attribute.value === 'NOTSET' && ints[node.op]?.['strides'] === 1;
    default:
      return false;
  }
}

export function writeAttributes(out: ByteWriter, node: NodeData, writeGraph: (graph: GraphData) => void): void {
  const given = [...node.attributes].filter(([name, attribute]) => !isDefaultAttribute(node, name, attribute));
  out.varint(given.length);
  for (const [name, attribute] of given) {
    const code = known.findIndex(([word, kind]) => word === name && kind === attribute.kind) + 1;
    out.varint(code);
    if (code === 0) {
      out.varint(kinds.indexOf(attribute.kind));
      out.string(name);
    }
    writeValue(out, attribute, writeGraph);
  }
}

export function readAttributes(from: ByteReader, limits: Limits, readGraph: () => GraphData): Map<string, Attribute> {
  const found = new Map<string, Attribute>();
  for (let left = from.count(2); left > 0; left--) {
    const code = from.varint();
    const [name, kind] = code === 0 ? written(from) : wordOf(known, code, 'attribute');
    if (found.has(name)) from.refuse('an attribute once', `"${name}" twice`);
    found.set(name, readValue(from, kind, limits, readGraph));
  }
  return found;
}

function written(from: ByteReader): [name: string, kind: Attribute['kind']] {
  const code = from.varint();
  const kind = kinds[code] ?? from.refuse('a kind of attribute', String(code));
  return [from.string(), kind];
}

function writeValue(out: ByteWriter, attribute: Attribute, writeGraph: (graph: GraphData) => void): void {
  const list = <T>(values: readonly T[], write: (value: T) => void): void => {
    out.varint(values.length);
    values.forEach(write);
  };
  switch (attribute.kind) {
    case 'float':
      out.f32(attribute.value);
      break;
    case 'int':
      out.int64(attribute.value);
      break;
    case 'string':
      out.string(attribute.value);
      break;
    case 'tensor':
      writeTensor(out, attribute.value);
      break;
    case 'graph':
      writeGraph(attribute.value);
      break;
    case 'floats':
      list(attribute.value, (v) => out.f32(v));
      break;
    case 'ints':
      list(attribute.value, (v) => out.int64(v));
      break;
    case 'strings':
      list(attribute.value, (v) => out.string(v));
      break;
    case 'graphs':
      list(attribute.value, writeGraph);
      break;
    case 'opaque':
      out.blob(attribute.value);
      break;
    default:
      attribute satisfies never;
  }
}

function readValue(from: ByteReader, kind: Attribute['kind'], limits: Limits, readGraph: () => GraphData): Attribute {
  const list = <T>(least: number, read: () => T): T[] => Array.from({ length: from.count(least) }, read);
  switch (kind) {
    case 'float':
      return { kind, value: from.f32() };
    case 'int':
      return { kind, value: from.int64() };
    case 'string':
      return { kind, value: from.string() };
    case 'tensor':
      return { kind, value: readTensor(from, limits) };
    case 'graph':
      return { kind, value: readGraph() };
    case 'floats':
      return { kind, value: list(4, () => from.f32()) };
    case 'ints':
      return { kind, value: list(1, () => from.int64()) };
    case 'strings':
      return { kind, value: list(1, () => from.string()) };
    case 'graphs':
      return { kind, value: list(1, readGraph) };
    case 'opaque':
      return { kind, value: from.blob().slice() };
    default:
      return kind satisfies never;
  }
}
