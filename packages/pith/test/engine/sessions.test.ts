/** What every engine owes: the same answers, results written where they are wanted, typed errors, sessions that are closed. */
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Model, Tensor } from '../../src/base/tensor.js';
import { type Engine, type Session, withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { reference } from '../../src/engine/reference.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { dense, failureOf } from '../train/tiny.js';

const model: Model = {
  ...dense(),
  graph: parseGraph(`g(x: float32[2], k: int64[1]) -> (sum: float32[2], twice: int64[1]) {
    init b: float32[2] = [0.5, -1]
    sum = Add(x, b)
    twice = Add(k, k)
  }`),
};
const x: Tensor = { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) };
const k: Tensor = { dtype: 'int64', dims: [1], data: BigInt64Array.of(21n) };
const feeds = new Map([
  ['x', x],
  ['k', k],
]);

describe.each<[string, Engine]>([
  ['onnxruntime-node', onnxruntimeNode],
  ['the float64 reference', reference],
])('%s', (_, engine) => {
  test('runs a graph: floats and integers', async () => {
    const session = await engine.open(model, { threads: 1 });
    expect([session.inputs, session.outputs]).toEqual([
      ['x', 'k'],
      ['sum', 'twice'],
    ]);
    const results = await session.run(feeds);
    expect(results.get('sum')).toEqual({ dtype: 'float32', dims: [2], data: Float32Array.of(1.5, 1) });
    expect(results.get('twice')).toEqual({ dtype: 'int64', dims: [1], data: BigInt64Array.of(42n) });
    await session.close();
  });

  test('writes into the tensor it is given, and leaves its inputs alone', async () => {
    const into: Tensor = { dtype: 'float32', dims: [2], data: new Float32Array(2) };
    const results = await withSession(engine, model, { threads: 1 }, (session) => session.run(feeds, new Map([['sum', into]])));
    expect(results.get('sum')).toBe(into);
    expect([...(into.data as Float32Array)]).toEqual([1.5, 1]);
    expect([...(x.data as Float32Array)]).toEqual([1, 2]);
  });

  test('refuses feeds that are missing with a typed error', async () => {
    const error = await failureOf(() => withSession(engine, model, {}, (session) => session.run(new Map([['x', x]]))));
    expect(error).toBeInstanceOf(PithError);
    expect((error as PithError).kind).toBe('input');
  });

  test('refuses an operator that nobody knows with a typed error', async () => {
    const strange: Model = { ...model, graph: parseGraph('g(x: float32[2]) -> (y: float32[2]) { y = com.example::Twist(x) }') };
    const error = await failureOf(() => withSession(engine, strange, {}, (session) => session.run(new Map([['x', x]]))));
    expect(error).toBeInstanceOf(PithError);
  });
});

test('a session is closed whatever happens in between', async () => {
  let closed = 0;
  const session: Session = { inputs: [], outputs: [], run: async () => new Map(), close: async () => void closed++ };
  const engine: Engine = { name: 'counting', version: '1', open: async () => session };
  expect(await withSession(engine, model, {}, async () => 7)).toBe(7);
  await expect(
    withSession(engine, model, {}, async () => {
      throw new Error('in between');
    }),
  ).rejects.toThrow('in between');
  expect(closed).toBe(2);
});
