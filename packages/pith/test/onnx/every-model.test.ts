/** Models of many kinds: each goes into a .pith file and comes out with the same interface and every byte of every tensor. */
import { readPith, toModel, writePith } from 'pith-runtime';
import { attributeField as A, functionField as F, graphField as G, nodeField as N, tensorField as T, WireWriter } from 'pith-runtime/onnx';
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { sortedGraph } from '../../src/base/order.js';
import { bytesOf, type GraphData, type Model } from '../../src/base/tensor.js';
import { checkModel } from '../../src/onnx/check.js';
import { readOnnx } from '../../src/onnx/read.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { inventory } from '../../src/squeeze/inventory.js';
import { finish, handmade, modelOf, withTensor } from './samples.js';

const opsets = (list: Readonly<Record<string, number>>): Partial<Model> => ({ opsets: new Map(Object.entries(list)) });
const stringType = 'type "0a020808"';

const texts: readonly (readonly [what: string, text: string, more?: Partial<Model>])[] = [
  [
    'of opset 1 and IR 3, its weight among the inputs',
    'g(x: float32[1,2], w: float32[2,1]) -> (y: float32[1,1]) { init w: float32[2,1] = [1, 2] y = MatMul(x, w) }',
    { irVersion: 3, ...opsets({ '': 1 }) },
  ],
  ['of the newest opset and IR', 'g(x: float32) -> (y: float32) { y = Relu(x) }', { irVersion: 14, ...opsets({ '': 28 }) }],
  ['without an opset, before IR 3', 'g(x: float32) -> (y: float32) { y = Relu(x) }', { irVersion: 2, ...opsets({}) }],
  [
    'of machine learning operators alone',
    'g(x: float32[N,2]) -> (y: float32[N,1]) { y = ai.onnx.ml::Scaler(x) { offset = floats [1, 2], scale = floats [1, 0.5] } }',
    opsets({ 'ai.onnx.ml': 3 }),
  ],
  [
    'of an unknown domain',
    'g(x: float32) -> (y: float32) { init w: float32[2,2] = [1, 2, 3, 4] y = com.acme::Zap(x, w) { k = 3 } }',
    opsets({ '': 17, 'com.acme': 4 }),
  ],
  ['without a node', 'g(x: float32[N]) -> (x: float32[N]) { }'],
  ['without an output', 'g(x: float32[N]) -> () { y = Relu(x) }'],
  ['without an input', 'g() -> (y: float32[2]) { init w: float32[2] = [1, 2] y = Relu(w) }'],
  ['without a weight', 'g(x: float32[N]) -> (y: float32[N]) { y = Relu(x) }'],
  ['whose output is a weight', 'g(x: float32[N]) -> (w: float32[2]) { init w: float32[2] = [1, 2] }'],
  ['whose output stands twice', 'g(x: float32[N]) -> (y: float32[N], y: float32[N]) { y = Relu(x) }'],
  ['with tensors of no elements', 'g(x: float32[2,8]) -> (y: float32[2,8]) { init e: float32[2,0] = [] y = Concat(x, e) { axis = 1 } }'],
  [
    'with a weight that a caller may replace',
    'g(x: float32[N,1], w: float32[1,1]) -> (y: float32[N,1]) { init w: float32[1,1] = [2] y = MatMul(x, w) }',
  ],
  ['with nodes in another order', 'g(x: float32) -> (y: float32) { y = Relu(h) h = Neg(x) }'],
  [
    'with nodes in another order inside a node',
    'g(x: float32, q: bool) -> (y: float32) { y = If(q) { then_branch = graph t() -> (o: float32) { o = Relu(h) h = Neg(x) }, else_branch = graph e() -> (o2: float32) { o2 = Neg(x) } } }',
  ],
  [
    'with graphs that read, hide and hold weights',
    'g(x: float32, q: bool) -> (y: float32) { init w: float32[1] = [1] y = If(q) { then_branch = graph t() -> (o: float32) { init v: float32[1] = [3] a = Add(x, w) o = Add(a, v) }, else_branch = graph e() -> (o: float32) { init w: float32[1] = [2] o = Add(x, w) } } }',
  ],
  [
    'with strings, sequences, maps and optional values',
    `g(x: float32, s: ${stringType}, q: type "22040a020801", m: type "2a08080712040a020801", o: type "4a040a020801") -> (t: ${stringType}) { opaque names = "0802100832016132016242056e616d6573" t = Identity(s) }`,
  ],
  [
    'with a sparse weight',
    'g(x: float32) -> (y: float32) { sparse s = "0a0d080110014201734a040000000012060801100738001808" y = MatMul(x, s) }',
  ],
  [
    'with nibbles, an odd number',
    'g(x: float32) -> (y: float32) { init w: int4[3,3] = [1, 2, 3, 4, 5] init u: uint4[1] = [15] y = DequantizeLinear(w, x) }',
  ],
  [
    'with floats of eight and sixteen bits',
    'g(x: float32) -> (y: float32) { init a: float8e4m3fn[2] = [1, 255] init b: bfloat16[1] = [32640] init c: float16[2] = [31745, 32768] y = Op(a, b, c) }',
  ],
  [
    'with NaN, infinities, denormals and −0',
    'g(x: float32) -> (y: float32) { init w: float32[6] = [nan, inf, -inf, 1e-42, -0, 3] init d: float64[2] = [nan, 1e-320] y = Op(w, d) }',
  ],
  [
    'with weights all zero and all equal',
    'g(x: float32) -> (y: float32) { init z: float32[4,4] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] init e: float16[3] = [7, 7, 7] y = Op(z, e) }',
  ],
  [
    'with every kind of metadata',
    'g(x: float32) -> (x: float32) { }',
    {
      metadata: new Map([
        ['author', 'me'],
        ['ключ', ''],
      ]),
      doc: 'words',
      domain: 'here',
      modelVersion: 3,
      producerName: 'p',
      producerVersion: '2',
    },
  ],
];

const asSorted = (model: Model): Model => ({ ...model, graph: sortedGraph(model.graph) });

/** Through ONNX, .pith and ONNX again. */
const throughPith = (model: Model): Model => {
  const given = readOnnx(writeOnnx(model));
  checkModel(given);
  const decoded = toModel(readPith(writePith({ model: asSorted(given) }).bytes));
  const back = readOnnx(writeOnnx(decoded));
  checkModel(back);
  return back;
};

const face = ({ graph, ...rest }: Model): unknown => [{ ...rest }, graph.name, graph.inputs, graph.outputs, tensorsOf(graph)];
const tensorsOf = (graph: GraphData): unknown =>
  [...graph.initializers]
    .map(([name, t]) => [name, t.dtype, t.dims, [...bytesOf(t)]])
    .concat([...graph.opaqueInitializers].map(([name, o]) => [name, [...o.proto]] as never))
    .sort();

describe('a model comes out of a .pith file as it went in', () => {
  for (const [what, text, more] of texts)
    test(what, () => {
      const model = modelOf(parseGraph(text), more);
      expect(face(throughPith(model))).toEqual(face(model));
      expect(inventory(model).every(({ because }) => because !== '')).toBe(true);
    });

  test('and the comparison can say no', () => {
    const [, text] = texts.find(([what]) => what.includes('NaN'))!;
    const bent = parseGraph(text.replace('1e-42', '2e-42'));
    expect(face(throughPith(modelOf(bent)))).not.toEqual(face(modelOf(parseGraph(text))));
  });
});

const functionOf = (name: string, calls: readonly string[], inside = false): Uint8Array => {
  const w = new WireWriter();
  w.text(F.name, name);
  const call = (n: WireWriter, op: string): void => {
    n.text(N.op, op);
    n.text(N.domain, 'my');
  };
  for (const op of calls)
    w.message(F.node, (n) => {
      if (!inside) return call(n, op);
      n.text(N.op, 'If');
      n.message(N.attribute, (a) => a.message(A.graph, (g) => g.message(G.node, (m) => call(m, op))));
    });
  w.text(F.domain, 'my');
  return finish(w);
};

describe('functions', () => {
  const model = (...functions: Uint8Array[]): Model =>
    modelOf(parseGraph('g(x: float32) -> (y: float32) { y = my::A(x) }'), { functions, ...opsets({ '': 17, my: 1 }) });
  const codeOf = (m: Model): string => {
    try {
      checkModel(m);
      return 'fine';
    } catch (error) {
      return error instanceof PithError ? error.code : String(error);
    }
  };

  test('come out as they went in', () => {
    const given = model(functionOf('A', ['B']), functionOf('B', []));
    expect(throughPith(given).functions).toEqual(given.functions);
  });

  for (const [what, functions, code] of [
    ['that call one another in a row', [functionOf('A', ['B', 'C']), functionOf('B', ['C']), functionOf('C', ['Relu'])], 'fine'],
    ['that call each other', [functionOf('A', ['B']), functionOf('B', ['A'])], 'input.cycle'],
    ['that call themselves', [functionOf('A', ['A'])], 'input.cycle'],
    ['that call each other from a graph inside a node', [functionOf('A', ['B'], true), functionOf('B', ['A'])], 'input.cycle'],
    ['that are cut off', [functionOf('A', ['B']).subarray(0, 9)], 'input.onnx-truncated'],
  ] as const)
    test(`${what}: ${code}`, () => expect(codeOf(model(...functions))).toBe(code));

  test('may have overloads, which nodes name', () => {
    const bytes = handmade((g) =>
      g.message(G.node, (n) => {
        n.text(N.op, 'A');
        n.text(N.domain, 'my');
        n.text(N.overload, 'half');
      }),
    );
    const read = readOnnx(bytes);
    expect(read.graph.nodes[0]!.op).toBe('A:half');
    expect(writeOnnx(readOnnx(writeOnnx(read)))).toEqual(writeOnnx(read));
    expect(readPith(writePith({ model: read }).bytes).model.graph.nodes[0]!.op).toBe('A:half');
  });
});

describe('what ONNX Runtime takes although it is odd', () => {
  const named = (value: number) => (t: WireWriter) => {
    t.ints(T.dims, [1]);
    t.int(T.dataType, 1);
    t.text(T.name, 'w');
    t.blob(T.rawData, new Uint8Array(Float32Array.of(value).buffer));
  };

  test('of two initializers of one name the last counts', () => {
    const { initializers } = readOnnx(
      handmade((g) => {
        for (const v of [1, 2]) g.message(G.initializer, named(v));
      }),
    ).graph;
    expect([...initializers.values()].map(({ data }) => data[0])).toEqual([2]);
  });

  test('a Constant node counts before an initializer of its name', () => {
    const { graph } = readOnnx(
      handmade((g) => {
        g.message(G.initializer, named(1));
        g.message(G.node, (n) => {
          n.text(N.op, 'Constant');
          n.text(N.output, 'w');
        });
      }),
    );
    expect([graph.initializers.size, graph.nodes.length]).toEqual([0, 1]);
  });

  test('external data of a type that pith has no array for comes into the file', () => {
    const bytes = withTensor((t) => {
      t.ints(T.dims, [3]);
      t.int(T.dataType, 23);
      for (const [key, value] of [
        ['location', 'w.bin'],
        ['length', '2'],
      ] as const)
        t.message(T.externalData, (m) => {
          m.text(1, key);
          m.text(2, value);
        });
      t.int(T.dataLocation, 1);
    });
    const read = readOnnx(bytes, { external: () => Uint8Array.of(0x21, 0x03) });
    const again = readOnnx(writeOnnx(read));
    expect([...again.graph.opaqueInitializers.get('t')!.proto]).toEqual([...read.graph.opaqueInitializers.get('t')!.proto]);
    expect([...read.graph.opaqueInitializers.get('t')!.proto].slice(-2)).toEqual([0x21, 0x03]);
  });
});

test('a file that the reader owns is in memory once, however its tensors lie in it', () => {
  const graph = parseGraph('g() -> () { }');
  const numbers = Float32Array.from({ length: 1000 }, (_, i) => i);
  for (let pad = 0; pad < 4; pad++) {
    const model = modelOf({
      ...graph,
      name: 'x'.repeat(pad),
      initializers: new Map([
        ['a', { dtype: 'float32', dims: [1000], data: numbers }],
        ['b', { dtype: 'float32', dims: [1000], data: numbers.map((v) => -v) }],
      ]),
    });
    const bytes = writeOnnx(model);
    const { a, b } = Object.fromEntries(readOnnx(bytes, { owned: true }).graph.initializers);
    expect([a!.data.buffer, b!.data.buffer]).toEqual([bytes.buffer, bytes.buffer]);
    expect([a!.data, b!.data]).toEqual([numbers, numbers.map((v) => -v)]);
  }
});
