/** What a file says as plain data, for comparison with another decoder: hashes of dense tensors, the graph without anything left open. */
import { createHash } from 'node:crypto';
import type { PithFile } from '../../src/format/read.js';
import { densify } from '../../src/format/stored.js';
import type { Attribute, GraphData, ValueInfo } from '../../src/model.js';
import { bytesOf, dtypes, type Tensor } from '../../src/tensor.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const float = (value: number): string => {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatBE(value);
  return hex(buffer);
};
const tensor = ({ dtype, dims, data }: Tensor): unknown[] => [dtypes[dtype].onnx, dims, hex(bytesOf({ dtype, dims, data }))];
const valueType = ({ name, dtype, dims, opaqueType }: ValueInfo): unknown[] => [
  name,
  dtype === null ? 0 : dtypes[dtype].onnx,
  dims,
  opaqueType ? hex(opaqueType) : null,
];

function attribute(given: Attribute): unknown {
  switch (given.kind) {
    case 'float':
      return float(given.value);
    case 'floats':
      return given.value.map(float);
    case 'int':
      return String(given.value);
    case 'ints':
      return given.value.map(String);
    case 'tensor':
      return tensor(given.value);
    case 'graph':
      return graph(given.value);
    case 'graphs':
      return given.value.map(graph);
    case 'opaque':
      return hex(given.value);
    default:
      return given.value;
  }
}

const graph = (given: GraphData): unknown => ({
  name: given.name,
  initializers: [...given.initializers].map(([name, one]) => [name, ...tensor(one)]),
  opaque: [...given.opaqueInitializers].map(([name, { sparse, proto }]) => [name, sparse ? 1 : 0, hex(proto)]),
  inputs: given.inputs.map(valueType),
  outputs: given.outputs.map(valueType),
  nodes: given.nodes.map(({ op, domain, inputs, outputs, attributes }) => ({
    op,
    domain,
    inputs,
    outputs,
    attributes: [...attributes].map(([name, one]) => [name, one.kind, attribute(one)]),
  })),
});

export function canonical({ model, tensors, metadata, report }: PithFile): unknown {
  const { irVersion, producerName, producerVersion, domain, doc } = model;
  return {
    root: report.root,
    metadata: [...metadata],
    model: {
      irVersion,
      opsets: [...model.opsets],
      producerName,
      producerVersion,
      domain,
      doc,
      modelVersion: String(model.modelVersion),
      metadata: [...model.metadata],
      functions: model.functions.map(hex),
      graph: graph(model.graph),
    },
    tensors: [...tensors].map(([name, stored]) => {
      const dense = densify(stored);
      return [name, dtypes[dense.dtype].onnx, dense.dims, createHash('sha256').update(bytesOf(dense)).digest('hex')];
    }),
  };
}
