/** The reverse walk itself: what it adds up, where it stops, what it refuses. Rules of operators have their own suite. */
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/autodiff/gradient.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Known, Value } from '../../src/graph/value.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferGraph, inferNode } from '../../src/ops/infer.js';

const opset = 17;

/** The gradient of Σ f(x) at the given points, in the float64 reference; null where nothing arrives. */
function slope(f: (op: Builder, x: Value) => Value, points: readonly number[]): number[] | null {
  const op = new Builder(Graph.empty('f'), opset, inferNode);
  const x = op.input('x', { dtype: 'float32', dims: [points.length] });
  const loss = op.ReduceSum(f(op, x), undefined, false);
  const types = inferGraph(op.graph, opset, () => 1);
  const found = gradients({ builder: op, types, of: loss.name, to: [x.name] }).get(x.name);
  if (!found) return null;
  op.graph.outputs.push({ name: found.name, dtype: 'float32', dims: found.dims });
  const feeds = new Map([[x.name, { dtype: 'float32' as const, dims: [points.length], data: Float64Array.from(points) }]]);
  return [...evaluate(op.graph.freeze(), opset, feeds).get(found.name)!.data];
}

test('gradients along several paths add up', () => {
  expect(slope((op, x) => op.Add(op.Mul(x, x), x), [3, -1])).toEqual([7, -1]);
});

describe('Stop', () => {
  test('a gradient does not cross it, along its path alone', () => {
    expect(slope((op, x) => op.Mul(x, op.Stop(x)), [3, -1])).toEqual([3, -1]);
    expect(slope((op, x) => op.Mul(x, op.Identity(x)), [3, -1])).toEqual([6, -2]);
  });

  test('makes the straight-through estimator: rounded forwards, the identity backwards', () => {
    const through = (op: Builder, x: Value): Value => op.Add(x, op.Stop(op.Sub(op.Round(x), x)));
    expect(slope(through, [0.2, 1.7])).toEqual([1, 1]);
    expect(slope((op, x) => op.Round(x), [0.2, 1.7])).toBeNull();
  });

  test('is an ordinary Identity in the graph', () => {
    const op = new Builder(Graph.empty('f'), opset, inferNode);
    op.Stop(op.input('x', { dtype: 'float32', dims: [2] }));
    expect(op.graph.nodes.map((n) => [n.domain, n.op])).toEqual([['', 'Identity']]);
  });
});

test('a path through an operator that pith does not know is refused, with the node', () => {
  const op = new Builder(Graph.empty('f'), opset, inferNode);
  const x = op.input('x', { dtype: 'float32', dims: [2] });
  op.graph.add({ op: 'Unheard', name: 'strange', inputs: [x.name], outputs: ['y'] });
  const type = { dtype: 'float32' as const, dims: [] };
  const types = new Map<string, Known>([
    [x.name, x],
    ['y', type],
  ]);
  expect(() => gradients({ builder: op, types, of: 'y', to: [x.name] })).toThrow(
    expect.objectContaining({ code: 'unsupported.gradient', detail: expect.objectContaining({ at: { node: 'strange', op: 'Unheard' } }) }),
  );
});

test('given gradients of several values are carried back together', () => {
  const op = new Builder(Graph.empty('f'), opset, inferNode);
  const x = op.input('x', { dtype: 'float32', dims: [2] });
  const square = op.Mul(x, x);
  const cube = op.Mul(square, x);
  const weights = op.constant({ dtype: 'float32', dims: [2], data: Float32Array.of(10, 100) });
  const types = inferGraph(op.graph, opset, () => 1);
  const of = new Map([
    [square.name, op.Identity(weights)],
    [cube.name, x],
  ]);
  const found = gradients({ builder: op, types, of, to: [x.name] }).get(x.name)!;
  op.graph.outputs.push({ name: found.name, dtype: 'float32', dims: found.dims });
  const feeds = new Map([[x.name, { dtype: 'float32' as const, dims: [2], data: Float64Array.of(3, -1) }]]);
  // 10·2x + x·3x² at 3, 100·2x + x·3x² at −1
  expect([...evaluate(op.graph.freeze(), opset, feeds).get(found.name)!.data]).toEqual([60 + 81, -200 - 3]);
});
