import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Model } from '../../src/base/tensor.js';
import { checkFinite, checkModel } from '../../src/onnx/check.js';
import { modelOf, parsed } from './samples.js';

const codeOf = (body: () => void): string => {
  try {
    body();
    return 'fine';
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    return `${error.code} ${error.detail.at?.tensor ?? error.detail.at?.node ?? error.detail.at?.section ?? ''}`.trim();
  }
};

const models: readonly (readonly [what: string, text: string, outcome: string, more?: Partial<Model>])[] = [
  ['a chain', 'g(x: float32) -> (y: float32) { h = [a] Relu(x) y = [b] Relu(h) }', 'fine'],
  ['nodes in another order', 'g(x: float32) -> (y: float32) { y = [b] Relu(h) h = [a] Relu(x) }', 'fine'],
  ['an optional input that is absent', 'g(x: float32) -> (y: float32) { y = Clip(x, _, x) }', 'fine'],
  ['an initializer that is the default of an input', 'g(w: float32[1]) -> (w: float32) { init w: float32[1] = [1] }', 'fine'],
  [
    'a subgraph that reads from outside',
    'g(x: float32) -> (y: float32) { y = If(x) { then_branch = graph t() -> (o: float32) { o = Relu(x) } } }',
    'fine',
  ],
  ['a value made twice', 'g(x: float32) -> (y: float32) { y = [a] Relu(x) y = [b] Relu(x) }', 'input.duplicate-name b'],
  ['an output called like an input', 'g(x: float32) -> (x: float32) { x = [a] Relu(x) }', 'input.duplicate-name a'],
  ['an output called like an initializer', 'g() -> (w: float32) { init w: float32[1] = [1] w = [a] Op() }', 'input.duplicate-name a'],
  ['two inputs of one name', 'g(x: float32, x: float32) -> (x: float32) { }', 'input.duplicate-name inputs'],
  ['an input that nobody gives', 'g(x: float32) -> (y: float32) { y = [a] Add(x, z) }', 'input.missing-value a'],
  ['an output that nobody makes', 'g(x: float32) -> (y: float32) { }', 'input.missing-value outputs'],
  [
    'a subgraph that reads what nobody gives',
    'g(x: float32) -> (y: float32) { y = If(x) { then_branch = graph t() -> (o: float32) { o = [in] Relu(z) } } }',
    'input.missing-value in',
  ],
  ['a cycle', 'g(x: float32) -> (y: float32) { y = [a] Add(x, h) h = [b] Relu(y) }', 'input.cycle a'],
  ['a node that reads itself', 'g() -> (y: float32) { y = [a] Relu(y) }', 'input.cycle a'],
  ['no output', 'g(x: float32) -> () { }', 'fine'],
  ['no node', 'g(x: float32) -> (x: float32) { }', 'fine'],
  ['an opset from the future', 'g(x: float32) -> (x: float32) { }', 'unsupported.opset', { opsets: new Map([['', 29]]) }],
  ['an IR from the future', 'g(x: float32) -> (x: float32) { }', 'unsupported.ir', { irVersion: 15 }],
];

describe('checkModel', () => {
  for (const [what, text, outcome, more] of models)
    test(`${what}: ${outcome}`, () => expect(codeOf(() => checkModel(parsed(text, more)))).toBe(outcome));
});

test('a subgraph of very many nodes is checked like a small one', () => {
  const nodes = Array.from({ length: 200_000 }, () => ({
    op: 'Sink',
    domain: '',
    name: '',
    inputs: ['x'],
    outputs: [],
    attributes: new Map(),
  }));
  const inner = { ...parsed('t() -> () { }').graph, nodes };
  const outer = parsed('g(x: float32) -> (y: float32) { y = If(x) }').graph;
  const graph = {
    ...outer,
    nodes: [{ ...outer.nodes[0]!, attributes: new Map([['then_branch', { kind: 'graph' as const, value: inner }]]) }],
  };
  expect(codeOf(() => checkModel(modelOf(graph)))).toBe('fine');
});

describe('checkFinite', () => {
  for (const [what, text, outcome] of [
    ['finite weights of every kind', 'g() -> () { init a: float32[1] = [1] init b: int8[1] = [-1] init c: float16[1] = [31743] }', 'fine'],
    ['NaN', 'g() -> () { init a: float32[3] = [1, 2, nan] }', 'numeric.weight a'],
    ['infinity in a double', 'g() -> () { init a: float64[1] = [-inf] }', 'numeric.weight a'],
    ['infinity in a float16', 'g() -> () { init a: float16[1] = [31744] }', 'numeric.weight a'],
    ['NaN in a bfloat16', 'g() -> () { init a: bfloat16[2] = [0, 65472] }', 'numeric.weight a'],
    ['NaN in a constant', 'g() -> () { y = Constant() { value = float32[1] = [nan] } }', 'numeric.weight y'],
  ] as const)
    test(`${what}: ${outcome}`, () => expect(codeOf(() => checkFinite(parsed(text)))).toBe(outcome));

  test('names the element', () => {
    expect(() => checkFinite(parsed('g() -> () { init a: float32[3] = [1, 2, nan] }'))).toThrow('NaN at element 2');
  });
});
