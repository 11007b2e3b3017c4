/**
 * The field numbers of onnx.proto (ONNX 1.23, IR 14) that pith reads or writes, message by message, and its enumerations.
 * The writer of this package and the reader of the package pith
 * use it. Fields that are not here (documentation strings, metadata of nodes and tensors, training information, quantization annotations,
 * device configurations) are skipped by the reader.
 */
export const modelField = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  doc: 6,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  functions: 25,
} as const;

export const opsetField = { domain: 1, version: 2 } as const;

export const entryField = { key: 1, value: 2 } as const;

export const graphField = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;

export const functionField = { name: 1, node: 7, domain: 10, overload: 13 } as const;

export const nodeField = { input: 1, output: 2, name: 3, op: 4, attribute: 5, domain: 7, overload: 8 } as const;

export const attributeField = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  graphs: 11,
  type: 20,
  refName: 21,
} as const;

/** AttributeProto.AttributeType, for the kinds that pith understands. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, graphs: 10 } as const;

export const tensorField = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

export const sparseField = { values: 1 } as const;

export const valueField = { name: 1, type: 2 } as const;

export const typeField = { tensor: 1, sequence: 4, map: 5, opaque: 7, sparse: 8, optional: 9 } as const;

export const tensorTypeField = { elementType: 1, shape: 2 } as const;

export const shapeField = { dim: 1 } as const;

export const dimField = { value: 1, param: 2 } as const;

/** The standard domain has two spellings; pith's is ''. */
export const domainOf = (name: string): string => (name === 'ai.onnx' ? '' : name);
