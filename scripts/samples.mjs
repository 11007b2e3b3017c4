/** Small .pith files that go through what most loads go through: LeNet-5's layers, with weights of two kinds, in three codings. */

const size = (dims) => dims.reduce((a, b) => a * b, 1);
const shapes = [
  ['conv1.weight', [6, 1, 5, 5]],
  ['conv1.bias', [6]],
  ['conv2.weight', [16, 6, 5, 5]],
  ['conv2.bias', [16]],
  ['fc1.weight', [64, 256]],
  ['fc1.bias', [64]],
  ['fc2.weight', [10, 64]],
  ['fc2.bias', [10]],
];

function* numbers(seed) {
  for (let state = seed; ; state = (Math.imul(state, 1664525) + 1013904223) >>> 0) yield state / 2 ** 32 - 0.5;
}

const sharedOf = (dims, data) => {
  const positions = Uint32Array.from([...data.keys()].filter((i) => data[i] > 0.35));
  return {
    kind: 'shared',
    dims,
    codebook: Float32Array.of(-1, 1),
    positions,
    index: Uint16Array.from(positions, (i) => i % 2),
    gapBits: 5,
  };
};

const uniformOf = (dims, data) => ({
  kind: 'uniform',
  dtype: 'float32',
  dims,
  view: { rows: dims[0], columns: dims[1] ?? 1, positions: size(dims.slice(2)), transposed: false },
  grid: 'scalar',
  step: -64,
  levels: Int32Array.from(data, (x) => Math.trunc(2.8 * x)),
  rowSteps: new Int8Array(dims[0]),
  columnSteps: null,
});

const attribute = (value) => ({ kind: Array.isArray(value) ? 'ints' : 'int', value });
const node = (op, inputs, output, attributes = {}) => ({
  op,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
});
const float = (name, ...dims) => ({ name, dtype: 'float32', dims });
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

function modelOf(initializers) {
  const nodes = [
    node('Conv', ['image', 'conv1.weight', 'conv1.bias'], 'conv1', { kernel_shape: [5, 5] }),
    node('MaxPool', ['conv1'], 'pool1', pool),
    node('Conv', ['pool1', 'conv2.weight', 'conv2.bias'], 'conv2', { kernel_shape: [5, 5] }),
    node('Relu', ['conv2'], 'relu2'),
    node('MaxPool', ['relu2'], 'pool2', pool),
    node('Flatten', ['pool2'], 'flat', { axis: 1 }),
    node('Gemm', ['flat', 'fc1.weight', 'fc1.bias'], 'fc1', { transB: 1 }),
    node('Relu', ['fc1'], 'relu3'),
    node('Gemm', ['relu3', 'fc2.weight', 'fc2.bias'], 'logits', { transB: 1 }),
  ];
  const ends = { inputs: [float('image', 'N', 1, 28, 28)], outputs: [float('logits', 'N', 10)] };
  const graph = { name: 'sample', nodes, ...ends, initializers, opaqueInitializers: new Map(), valueInfo: [] };
  const about = { producerName: 'pith', producerVersion: '', domain: '', modelVersion: 0, doc: '', metadata: new Map() };
  return { irVersion: 8, opsets: new Map([['', 17]]), ...about, functions: [], graph };
}

/** Takes images of 28 × 28 pixels, each. */
export function samples(writePith) {
  const next = numbers(7);
  const floats = shapes.map(([name, dims]) => [name, dims, Float32Array.from({ length: size(dims) }, () => next.next().value)]);
  const model = modelOf(new Map(floats.map(([name, dims, data]) => [name, { dtype: 'float32', dims, data }])));
  const written = (coder, form, which) => {
    const stored = new Map(floats.filter(([, dims]) => which(dims)).map(([name, dims, data]) => [name, form(dims, data)]));
    return writePith({ model, stored, coder, metadata: new Map([['pith', '0.1.0']]) }).bytes;
  };
  return [
    written('huffman', sharedOf, ({ length }) => length > 1),
    written('rans', sharedOf, ({ length }) => length > 1),
    written('mix', uniformOf, () => true),
  ];
}
