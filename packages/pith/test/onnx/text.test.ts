import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Attribute, GraphData, NodeData } from '../../src/base/tensor.js';
import { printGraph } from '../../src/onnx/text.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { allTypes, counting, everyAttribute, models } from './samples.js';

describe('the text form', () => {
  for (const [name, { graph }] of Object.entries(models))
    test(`of ${name} reads back as it was`, () => {
      const text = printGraph(graph);
      expect(parseGraph(text)).toEqual(graph);
      expect(printGraph(parseGraph(text))).toBe(text);
    });

  test('is stable', () => {
    expect(printGraph(models['network']!.graph)).toMatchInlineSnapshot(`
      "net(image: float32[N,1,4,4]) -> (logits: float32[N,1]) {
        init w: float32[2,1,3,3] = [1, 0, -1, 2, 0, -2, 1, 0, -1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0.25]
        init b: float32[2] = [0.10000000149011612, -0.5]
        init axes: int64[1] = [-1]
        init flag: bool[] = [1]
        info h: float32[N,2,2,2]
        h = [conv1] Conv(image, w, b) { kernel_shape = ints [3, 3], pads = ints [0, 0, 0, 0] }
        r = [relu1] Relu(h)
        f = Flatten(r) { axis = 1 }
        c = If(flag) { then_branch = graph t() -> (a: float32) {
          a = Identity(f)
        }, else_branch = graph e() -> (b2: float32) {
          b2 = Neg(f)
        } }
        logits = ReduceSum(c, axes)
      }
      "
    `);
    expect(printGraph(parseGraph(everyAttribute))).toMatchInlineSnapshot(`
      "attributes(x: float32[N,?,3], s: ?, q: ?[2]) -> (y: float32) {
        y, _ = [every-kind] com.example::Thing(x, _, s) { f = 0.5f, i = -3, big = 9223372036854775807, text = "café \\"quoted\\"", t = float32[2,2] = [1, -0, nan, inf], g = graph inner(k: int64[]) -> (o: float32) {
          o = Mul(k, x)
        }, fs = floats [1, -inf, 0.25], is = ints [1, -9223372036854775808, 0], ss = strings ["a", ""], gs = graphs [inner(k: int64[]) -> (o: float32) {
          o = Mul(k, x)
        }, inner(k: int64[]) -> (o: float32) {
          o = Mul(k, x)
        }], none = ints [], nothing = strings [] }
        = Sink(y)
      }
      "
    `);
  });

  test('shows a large constant by a hash, which cannot be read back', () => {
    const big = (fill: number): GraphData => ({
      ...parseGraph('g() -> () { }'),
      initializers: new Map([['w', { dtype: 'float32', dims: [100], data: new Float32Array(100).fill(fill) }]]),
    });
    expect(printGraph(big(1))).toContain('100 elements');
    expect(printGraph(big(1))).not.toBe(printGraph(big(2)));
    expect(() => parseGraph(printGraph(big(1)))).toThrow('small constant');
  });

  const text = fc.string({ maxLength: 6 });
  const float = fc.float({ noDefaultInfinity: false });
  const int = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }));
  const tensor = fc.constantFrom(...allTypes).map((dtype) => counting(dtype, [2, 3]));
  const attribute: fc.Arbitrary<Attribute> = fc.oneof(
    fc.record({ kind: fc.constant('float' as const), value: float }),
    fc.record({ kind: fc.constant('int' as const), value: int }),
    fc.record({ kind: fc.constant('string' as const), value: text }),
    fc.record({ kind: fc.constant('floats' as const), value: fc.array(float) }),
    fc.record({ kind: fc.constant('ints' as const), value: fc.array(int) }),
    fc.record({ kind: fc.constant('strings' as const), value: fc.array(text) }),
    fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
    fc.record({ kind: fc.constant('opaque' as const), value: fc.uint8Array() }),
  );
  const node: fc.Arbitrary<NodeData> = fc.record({
    op: text,
    domain: text,
    name: text,
    inputs: fc.array(text, { maxLength: 3 }),
    outputs: fc.array(text, { maxLength: 3 }),
    attributes: fc.array(fc.tuple(text, attribute), { maxLength: 3 }).map((entries) => new Map(entries)),
  });
  const value = fc.record({
    name: text,
    dtype: fc.constantFrom(null, ...allTypes),
    dims: fc.option(fc.array(fc.oneof(fc.nat(), text, fc.constant(null)))),
  });
  const graph: fc.Arbitrary<GraphData> = fc.record({
    name: text,
    nodes: fc.array(node, { maxLength: 4 }),
    inputs: fc.array(value, { maxLength: 2 }),
    outputs: fc.array(value, { maxLength: 2 }),
    initializers: fc.array(fc.tuple(text, tensor), { maxLength: 3 }).map((entries) => new Map(entries)),
    opaqueInitializers: fc
      .array(fc.tuple(text, fc.record({ sparse: fc.boolean(), proto: fc.uint8Array() })), { maxLength: 2 })
      .map((entries) => new Map(entries)),
    valueInfo: fc.array(value, { maxLength: 2 }),
  });
  test('of any graph reads back as it was', () => {
    fc.assert(
      fc.property(graph, (g) => {
        expect(parseGraph(printGraph(g))).toEqual(g);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  for (const [what, wrong, line] of [
    ['a word that is no type', 'g(x: float33) -> () { }', 1],
    ['a missing parenthesis', 'g() -> () {\n  y = Op(x\n}', 3],
    ['a tensor with too few elements', 'g() -> () {\n\n init w: float32[3] = [1, 2]\n}', 3],
    ['a character from nowhere', 'g() -> () {\n ; }', 2],
    ['text after the end', 'g() -> () { }\n}', 2],
    ['an odd number of hex digits', 'g() -> () { opaque w = "abc" }', 1],
  ] as const)
    test(`refuses ${what}, naming the line`, () => {
      const error = (() => {
        try {
          return parseGraph(wrong);
        } catch (e) {
          return e;
        }
      })();
      expect(error).toBeInstanceOf(PithError);
      expect([(error as PithError).code, (error as PithError).detail.at?.line]).toEqual(['input.graph-text', line]);
    });
});
