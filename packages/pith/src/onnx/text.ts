/**
 * The text form of a graph, for tests and eyes: stable order, one line for each node, parse∘print is the identity as long as constants
 * are small (larger ones are shown by a hash, which cannot be read back). For example
 *
 *     main(x: float32[N,4]) -> (y: float32[N,2]) {
 *       init w: float32[4,2] = [1, 0, 0, 1, 0.5, -0, nan, inf]
 *       info h: float32[N,2]
 *       h = MatMul(x, w)
 *       y, _ = [node-name] com.example::Thing(h, _, h) { axis = 1, alpha = 0.5f, mode = "x", perm = ints [0, 1] }
 *     }
 *
 * `_` is an absent name, `?` an unknown type or dimension; a name that is no identifier is quoted as in JSON. Integers have no suffix,
 * floats end in f. Types that pith does not hold are shown as hex.
 */
import type { Attribute, Dim, GraphData, NodeData, Tensor, ValueInfo } from '../base/tensor.js';

/** Constants of more elements than this are shown by a hash. */
const shown = 64;

export const identifier = /[A-Za-z_][A-Za-z0-9_.$/-]*/;
const whole = new RegExp(`^${identifier.source}$`);

/** Words that stand for something else at the place of a name. */
const reserved = new Set(['_', 'init', 'info', 'opaque', 'sparse', 'inf', 'inff', 'nan', 'nanf']);

const name = (text: string): string => (whole.test(text) && !reserved.has(text) ? text : JSON.stringify(text));
const slot = (text: string): string => (text === '' ? '_' : name(text));
const list = <T>(items: readonly T[], show: (item: T) => string): string => items.map(show).join(', ');

const hexOf = (bytes: Uint8Array): string => `"${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}"`;

const float = (value: number): string =>
  Number.isNaN(value) ? 'nan' : value === Infinity ? 'inf' : value === -Infinity ? '-inf' : Object.is(value, -0) ? '-0' : String(value);

/** A graph as text. */
export function printGraph(graph: GraphData): string {
  return `${lines(graph).join('\n')}\n`;
}

function lines(graph: GraphData): string[] {
  const body = [
    ...[...graph.initializers].map(([key, tensor]) => `init ${name(key)}: ${tensorText(tensor)}`),
    ...[...graph.opaqueInitializers].map(([key, { sparse, proto }]) => `${sparse ? 'sparse' : 'opaque'} ${name(key)} = ${hexOf(proto)}`),
    ...graph.valueInfo.map((value) => `info ${valueText(value)}`),
    ...graph.nodes.flatMap(nodeLines),
  ];
  const head = `${slot(graph.name)}(${list(graph.inputs, valueText)}) -> (${list(graph.outputs, valueText)}) {`;
  return [head, ...body.map((line) => `  ${line}`), '}'];
}

function valueText({ name: key, dtype, dims, opaqueType }: ValueInfo): string {
  if (opaqueType) return `${slot(key)}: type ${hexOf(opaqueType)}`;
  return `${slot(key)}: ${dtype ?? '?'}${dims ? `[${dims.map(dimText).join(',')}]` : ''}`;
}

const dimText = (dim: Dim): string => (dim === null ? '?' : typeof dim === 'number' ? String(dim) : name(dim));

function tensorText({ dtype, dims, data }: Tensor): string {
  const values =
    data.length > shown
      ? `{ ${data.length} elements, fnv ${hash(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))} }`
      : `[${Array.from(data as ArrayLike<number | bigint>, (v) => (typeof v === 'bigint' ? String(v) : float(v))).join(', ')}]`;
  return `${dtype}[${dims.join(',')}] = ${values}`;
}

/** FNV-1a, 32 bits: tells versions of a constant apart, nothing more. */
function hash(bytes: Uint8Array): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}

function nodeLines(node: NodeData): string[] {
  const title = node.name === '' ? '' : `[${name(node.name)}] `;
  const domain = node.domain === '' ? '' : `${name(node.domain)}::`;
  const call = `${list(node.outputs, slot)}${node.outputs.length ? ' ' : ''}= ${title}${domain}${name(node.op)}(${list(node.inputs, slot)})`;
  if (node.attributes.size === 0) return [call];
  const attributes = [...node.attributes].map(([key, attribute]) => `${name(key)} = ${attributeText(attribute)}`);
  return `${call} { ${attributes.join(', ')} }`.split('\n');
}

function attributeText(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'int':
      return String(attribute.value);
    case 'float':
      return `${float(attribute.value)}f`;
    case 'string':
      return JSON.stringify(attribute.value);
    case 'tensor':
      return tensorText(attribute.value);
    case 'graph':
      return `graph ${lines(attribute.value).join('\n')}`;
    case 'ints':
      return `ints [${attribute.value.join(', ')}]`;
    case 'floats':
      return `floats [${list(attribute.value, float)}]`;
    case 'strings':
      return `strings [${list(attribute.value, (text) => JSON.stringify(text))}]`;
    case 'graphs':
      return `graphs [${list(attribute.value, (graph) => lines(graph).join('\n'))}]`;
    case 'opaque':
      return `opaque ${hexOf(attribute.value)}`;
  }
}
