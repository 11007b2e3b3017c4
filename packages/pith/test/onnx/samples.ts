/** Tiny models that between them hold every element type, every kind of attribute and every way to store a tensor; also the fuzz corpus. */

import { entryField, graphField as G, modelField as M, nodeField as N, opsetField, tensorField as T, WireWriter } from 'pith-runtime/onnx';
import { type Attribute, byteSize, type DType, dtypes, type GraphData, type Model, type Tensor, viewAs } from '../../src/base/tensor.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';

export const allTypes = Object.keys(dtypes) as DType[];

export const modelOf = (graph: GraphData, more: Partial<Model> = {}): Model => ({
  irVersion: 10,
  opsets: new Map([['', 21]]),
  producerName: 'pith',
  producerVersion: '',
  domain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map(),
  graph,
  functions: [],
  ...more,
});

export const parsed = (text: string, more: Partial<Model> = {}): Model => modelOf(parseGraph(text), more);

/** A tensor whose bytes count up (0 and 1 for bool). */
export function counting(dtype: DType, dims: readonly number[]): Tensor {
  const bytes = Uint8Array.from({ length: byteSize(dtype, dims) }, (_, i) => (dtype === 'bool' ? i % 2 : (i * 37 + 1) % 120));
  return { dtype, dims, data: viewAs(dtype, bytes) };
}

export const finish = (w: WireWriter): Uint8Array => Uint8Array.from(w.finish().flatMap((chunk) => [...chunk]));

/** A model written by hand: `graph` writes the fields of its graph. */
export function handmade(graph: (g: WireWriter) => void, { ir = 8, opset = 17 } = {}): Uint8Array {
  const w = new WireWriter();
  w.int(M.irVersion, ir);
  w.message(M.opsetImport, (m) => {
    m.text(opsetField.domain, '');
    m.int(opsetField.version, opset);
  });
  w.message(M.graph, graph);
  return finish(w);
}

/** A model with one initializer `t`, written by hand. */
export const withTensor = (tensor: (t: WireWriter) => void): Uint8Array =>
  handmade((g) => {
    g.message(G.node, (n) => {
      n.text(N.input, 't');
      n.text(N.output, 'y');
      n.text(N.op, 'Identity');
    });
    g.message(G.initializer, (t) => {
      t.text(T.name, 't');
      tensor(t);
    });
    g.message(G.output, (v) => v.text(1, 'y'));
  });

const everyType: Model = modelOf({
  name: 'types',
  nodes: [],
  inputs: [],
  outputs: [{ name: 'float32', dtype: 'float32', dims: [3, 5] }],
  initializers: new Map(
    allTypes.flatMap((dtype): [string, Tensor][] => [
      [dtype, counting(dtype, [3, 5])],
      [`${dtype}.scalar`, counting(dtype, [])],
      [`${dtype}.empty`, counting(dtype, [0, 2])],
    ]),
  ),
  opaqueInitializers: new Map(),
  valueInfo: [],
});

const inner = 'inner(k: int64[]) -> (o: float32) { o = Mul(k, x) }';
export const everyAttribute = `attributes(x: float32[N,?,3], s: ?, q: ?[2]) -> (y: float32) {
  y, _ = [every-kind] com.example::Thing(x, _, s) {
    f = 0.5f, i = -3, big = 9223372036854775807, text = "caf\\u00e9 \\"quoted\\"", t = float32[2,2] = [1, -0, nan, inf],
    g = graph ${inner}, fs = floats [1, -inf, 0.25], is = ints [1, -9223372036854775808, 0], ss = strings ["a", ""],
    gs = graphs [${inner}, ${inner}], none = ints [], nothing = strings []
  }
  = Sink(y)
}`;

const network = `net(image: float32[N,1,4,4]) -> (logits: float32[N,1]) {
  init w: float32[2,1,3,3] = [1, 0, -1, 2, 0, -2, 1, 0, -1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0.25]
  init b: float32[2] = [0.1, -0.5]
  init axes: int64[1] = [-1]
  init flag: bool[] = [1]
  info h: float32[N,2,2,2]
  h = [conv1] Conv(image, w, b) { kernel_shape = ints [3, 3], pads = ints [0, 0, 0, 0] }
  r = [relu1] Relu(h)
  f = Flatten(r) { axis = 1 }
  c = If(flag) { then_branch = graph t() -> (a: float32) { a = Identity(f) }, else_branch = graph e() -> (b2: float32) { b2 = Neg(f) } }
  logits = ReduceSum(c, axes)
}`;

/** Typed data: float16 as int32_data, one by one and packed; int64_data, double_data, uint64_data; a string tensor. */
const typed = handmade((g) => {
  const tensor = (name: string, type: number, dims: number[], data: (t: WireWriter) => void): void =>
    g.message(G.initializer, (t) => {
      t.ints(T.dims, dims);
      t.int(T.dataType, type);
      data(t);
      t.text(T.name, name);
    });
  tensor('half', 10, [2], (t) => t.ints(T.int32Data, [15360, 49152]));
  tensor('half.packed', 10, [2], (t) => t.blob(T.int32Data, Uint8Array.of(0x80, 0x78, 0x80, 0x80, 3)));
  tensor('float', 1, [2], (t) => {
    t.float(T.floatData, 1.5);
    t.float(T.floatData, -2);
  });
  tensor('float.packed', 1, [1], (t) => t.blob(T.floatData, Uint8Array.of(0, 0, 0xc0, 0x3f)));
  tensor('int64', 7, [3], (t) => t.ints(T.int64Data, [-1, 2 ** 40, 0]));
  tensor('uint64', 13, [1], (t) => t.int(T.uint64Data, 2n ** 64n - 1n));
  tensor('uint32', 12, [1], (t) => t.int(T.uint64Data, 2 ** 32 - 1));
  tensor('int8', 3, [2], (t) => t.ints(T.int32Data, [-128, 127]));
  tensor('int4', 22, [3], (t) => t.ints(T.int32Data, [0x21, 0x0f]));
  tensor('bool', 9, [2], (t) => t.ints(T.int32Data, [1, 0]));
  tensor('double', 11, [1], (t) => t.blob(T.doubleData, new Uint8Array(Float64Array.of(Math.PI).buffer)));
  tensor('words', 8, [2], (t) => {
    t.text(T.stringData, 'a');
    t.text(T.stringData, 'b');
  });
  g.message(G.output, (v) => v.text(1, 'half'));
  g.message(G.sparseInitializer, (s) =>
    s.message(1, (t) => {
      t.ints(T.dims, [1]);
      t.int(T.dataType, 1);
      t.text(T.name, 'sparse');
      t.blob(T.rawData, new Uint8Array(4));
    }),
  );
});

const described = parsed('g(x: ?) -> (x: ?) { }', {
  irVersion: 13,
  opsets: new Map([
    ['', 23],
    ['com.example', 2],
  ]),
  producerVersion: '1.0',
  domain: 'com.example',
  modelVersion: -5,
  doc: 'what it is',
  metadata: new Map([
    ['pith.scale', '0.00392'],
    ['labels', ''],
  ]),
  functions: [Uint8Array.of(10, 1, 102)],
});

const attribute = (value: Attribute): Model =>
  modelOf({
    ...parseGraph('g() -> (y: ?) { y = Op() }'),
    nodes: [{ ...parseGraph('g() -> (y: ?) { y = Op() }').nodes[0]!, attributes: new Map([['a', value]]) }],
  });

/** Models by name. `text` ones also serve the tests of the text form. */
export const models: Readonly<Record<string, Model>> = {
  'every-type': everyType,
  'every-attribute': parsed(everyAttribute),
  network: parsed(network, { opsets: new Map([['', 13]]), irVersion: 7 }),
  described,
  // name "a", type TYPE_PROTO, an empty type
  'opaque-attribute': attribute({ kind: 'opaque', value: Uint8Array.of(10, 1, 97, 114, 0, 160, 1, 13) }),
};

/** The corpus: file bytes by name. */
export const samples: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(Object.entries(models).map(([name, model]) => [name, writeOnnx(model)])),
  typed,
  external: withTensor((t) => {
    t.ints(T.dims, [2]);
    t.int(T.dataType, 1);
    for (const [key, value] of Object.entries({ location: 'w.bin', offset: '4', length: '8' }))
      t.message(T.externalData, (entry) => {
        entry.text(entryField.key, key);
        entry.text(entryField.value, value);
      });
    t.int(T.dataLocation, 1);
  }),
};
