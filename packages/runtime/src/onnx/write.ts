/**
 * Model to ONNX bytes. Deterministic: the same model gives the same bytes. All tensors are written as raw_data. The graph stands last,
 * so that a file that was cut off anywhere is recognised as such.
 */
import { PithError } from '../errors.js';
import type { Attribute, Dim, GraphData, Model, NodeData, ValueInfo } from '../model.js';
import { byteSize, bytesOf, type DType, dtypes, type Tensor } from '../tensor.js';
import {
  attributeField as A,
  attributeType,
  dimField,
  entryField,
  graphField as G,
  modelField as M,
  nodeField as N,
  opsetField,
  shapeField,
  tensorField as T,
  tensorTypeField,
  typeField,
  valueField,
} from './fields.js';
import { WireWriter } from './wire-write.js';

/** Where the data of initializers stand that are kept in a file beside the model. */
export interface DataFile {
  /** Its name, as the model calls it. */
  readonly location: string;
  /** Data of fewer bytes stay in the model. */
  readonly least: number;
  /** Takes the data, which are read when their turn comes; gives the offset at which they will stand. */
  add(length: number, read: () => Uint8Array): number;
}

/**
 * The file in pieces, in order; the data of large tensors are handed through, not copied. Throws `limit.protobuf` at 2 GiB, `bug.tensor`
 * where a tensor has not the bytes of its shape.
 */
export const onnxChunks = (model: Model, data?: DataFile): Uint8Array[] => written(model, data).finish();

/** The file as one array; the data of tensors are asked for one after the other. Throws as `onnxChunks`. */
export const writeOnnx = (model: Model): Uint8Array => written(model).joined();

function written(model: Model, data?: DataFile): WireWriter {
  const w = new WireWriter();
  w.int(M.irVersion, model.irVersion);
  w.textIfAny(M.producerName, model.producerName);
  w.textIfAny(M.producerVersion, model.producerVersion);
  w.textIfAny(M.domain, model.domain);
  if (model.modelVersion !== 0) w.int(M.modelVersion, model.modelVersion);
  w.textIfAny(M.doc, model.doc);
  for (const [domain, version] of model.opsets)
    w.message(M.opsetImport, (m) => {
      m.text(opsetField.domain, domain);
      m.int(opsetField.version, version);
    });
  for (const [key, value] of model.metadata)
    w.message(M.metadata, (m) => {
      m.text(entryField.key, key);
      m.text(entryField.value, value);
    });
  for (const proto of model.functions) w.blob(M.functions, proto);
  w.message(M.graph, (m) => writeGraph(m, model.graph, data));
  return w;
}

function writeGraph(w: WireWriter, graph: GraphData, data?: DataFile): void {
  for (const node of graph.nodes) w.message(G.node, (m) => writeNode(m, node));
  w.textIfAny(G.name, graph.name);
  for (const [name, tensor] of graph.initializers) w.message(G.initializer, (m) => writeTensor(m, tensor, name, data));
  for (const { sparse, proto } of graph.opaqueInitializers.values()) w.blob(sparse ? G.sparseInitializer : G.initializer, proto);
  for (const value of graph.inputs) w.message(G.input, (m) => writeValueInfo(m, value));
  for (const value of graph.outputs) w.message(G.output, (m) => writeValueInfo(m, value));
  for (const value of graph.valueInfo) w.message(G.valueInfo, (m) => writeValueInfo(m, value));
}

function writeNode(w: WireWriter, node: NodeData): void {
  for (const name of node.inputs) w.text(N.input, name);
  for (const name of node.outputs) w.text(N.output, name);
  const colon = node.op.indexOf(':', 1);
  const [op, overload] = colon < 0 ? [node.op, ''] : [node.op.slice(0, colon), node.op.slice(colon + 1)];
  w.textIfAny(N.name, node.name);
  w.text(N.op, op);
  for (const [name, attribute] of node.attributes)
    if (attribute.kind === 'opaque') w.blob(N.attribute, attribute.value);
    else w.message(N.attribute, (m) => writeAttribute(m, name, attribute));
  w.textIfAny(N.domain, node.domain);
  w.textIfAny(N.overload, overload);
}

function writeAttribute(w: WireWriter, name: string, attribute: Exclude<Attribute, { kind: 'opaque' }>): void {
  w.text(A.name, name);
  switch (attribute.kind) {
    case 'float':
      w.float(A.float, attribute.value);
      break;
    case 'int':
      w.int(A.int, attribute.value);
      break;
    case 'string':
      w.text(A.string, attribute.value);
      break;
    case 'tensor':
      w.message(A.tensor, (m) => writeTensor(m, attribute.value, ''));
      break;
    case 'graph':
      w.message(A.graph, (m) => writeGraph(m, attribute.value));
      break;
    case 'floats':
      for (const value of attribute.value) w.float(A.floats, value);
      break;
    case 'ints':
      w.ints(A.ints, attribute.value);
      break;
    case 'strings':
      for (const value of attribute.value) w.text(A.strings, value);
      break;
    case 'graphs':
      for (const value of attribute.value) w.message(A.graphs, (m) => writeGraph(m, value));
      break;
  }
  w.int(A.type, attributeType[attribute.kind]);
}

function writeTensor(w: WireWriter, tensor: Tensor, name: string, data?: DataFile): void {
  const length = byteSize(tensor.dtype, tensor.dims);
  w.ints(T.dims, tensor.dims);
  w.int(T.dataType, dtypes[tensor.dtype].onnx);
  w.textIfAny(T.name, name);
  if (!data || length < data.least) w.later(T.rawData, length, () => dataOf(tensor, name, length));
  else {
    const offset = data.add(length, () => dataOf(tensor, name, length));
    writePlace(w, { location: data.location, offset: String(offset), length: String(length) });
  }
}

function dataOf(tensor: Tensor, name: string, length: number): Uint8Array {
  const bytes = bytesOf(tensor);
  if (bytes.length === length) return bytes;
  throw new PithError('bug.tensor', {
    at: { tensor: name },
    expected: `${length} bytes for ${tensor.dtype}[${tensor.dims}]`,
    got: `${bytes.length}`,
  });
}

function writePlace(w: WireWriter, place: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(place))
    w.message(T.externalData, (m) => {
      m.text(entryField.key, key);
      m.text(entryField.value, value);
    });
  w.int(T.dataLocation, 1);
}

function writeValueInfo(w: WireWriter, value: ValueInfo): void {
  w.text(valueField.name, value.name);
  const { dtype, dims, opaqueType } = value;
  if (opaqueType) w.blob(valueField.type, opaqueType);
  else if (dtype || dims)
    w.message(valueField.type, (type) => type.message(typeField.tensor, (tensor) => writeTensorType(tensor, dtype, dims)));
}

function writeTensorType(w: WireWriter, dtype: DType | null, dims: readonly Dim[] | null): void {
  if (dtype) w.int(tensorTypeField.elementType, dtypes[dtype].onnx);
  if (!dims) return;
  w.message(tensorTypeField.shape, (shape) => {
    for (const dim of dims)
      shape.message(shapeField.dim, (d) => {
        if (typeof dim === 'number') d.int(dimField.value, dim);
        else if (dim !== null) d.text(dimField.param, dim);
      });
  });
}
