import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { checkModel } from '../../src/onnx/check.js';
import { liftConstants } from '../../src/rewrite/lift-constants.js';
import { parsed } from '../onnx/samples.js';

const numbers = (n: number, first = 0): string => `[${Array.from({ length: n }, (_, i) => ((i + first) % 7) / 4 - 0.5).join(', ')}]`;
const constant = (name: string, first = 0): string => `${name} = Constant() { value = float32[8,8] = ${numbers(64, first)} }`;
const init = (name: string, first = 0): string => `init ${name}: float32[8,8] = ${numbers(64, first)}`;
const head = 'f(x: float32[2,8]) -> (y: float32[2,8])';
const branches = (a: string, b: string): string =>
  `If(q) { then_branch = graph t() -> (o: float32[2,8]) { ${a} }, else_branch = graph e() -> (o2: float32[2,8]) { ${b} } }`;

const inner = branches('o = MatMul(x, w)', 'o2 = Relu(x)').replaceAll(/\bo\b/g, 'p').replaceAll('o2', 'p2');

const cases: readonly (readonly [what: string, text: string, names: readonly string[]])[] = [
  ['a Constant node', `${head} { ${constant('w')} y = MatMul(x, w) }`, ['w']],
  ['no small Constant node', `${head} { w = Constant() { value = float32[1] = [2] } y = Mul(x, w) }`, []],
  [
    'no Constant node that is an output',
    `f(x: float32[2,8]) -> (y: float32[2,8], w: float32[8,8]) { ${constant('w')} y = MatMul(x, w) }`,
    [],
  ],
  [
    'initializers and Constant nodes of both branches of an If, with new names where they share one',
    `${head} { init q: bool[] = [1] y = ${branches(`${init('w')} ${constant('only', 3)} h = MatMul(x, w) o = MatMul(h, only)`, `${constant('w', 2)} o2 = MatMul(x, w)`)} }`,
    ['w_1', 'only', 'w_2'],
  ],
  [
    'what a graph inside a graph reads from the one around it',
    `${head} { init q: bool[] = [1] y = ${branches(`${constant('w')} o = ${inner}`, 'o2 = Relu(x)')} }`,
    ['w'],
  ],
  [
    'the body of a Loop',
    `${head} { init n: int64[] = [2] init q: bool[] = [1] y = Loop(n, q, x) { body = graph b(i: int64[], c: bool[], v: float32[2,8]) -> (c2: bool[], o: float32[2,8]) { ${init('w')} c2 = Identity(c) o = MatMul(v, w) } } }`,
    ['w'],
  ],
];

const run = async (model: Model): Promise<readonly number[]> => {
  const session = await onnxruntimeNode.open(model, { threads: 1 });
  const x = { dtype: 'float32' as const, dims: [2, 8], data: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) };
  const out = await session.run(new Map([['x', x]]));
  await session.close();
  return [...(out.get('y')!.data as Float32Array)];
};

describe('lifted to initializers', () => {
  for (const [what, text, names] of cases)
    test(`${what}; the result stays`, async () => {
      const model = parsed(text);
      const lifted = liftConstants(model);
      checkModel(lifted);
      expect([...lifted.graph.initializers.keys()].filter((name) => !model.graph.initializers.has(name))).toEqual(names);
      expect(await run(lifted)).toEqual(await run(model));
      expect(liftConstants(lifted)).toBe(lifted);
    });

  test('and the comparison can say no', async () => {
    const model = liftConstants(parsed(cases[0]![1]));
    const before = await run(model);
    (model.graph.initializers.get('w')!.data as Float32Array)[0]! += 1;
    expect(await run(model)).not.toEqual(before);
  });
});
