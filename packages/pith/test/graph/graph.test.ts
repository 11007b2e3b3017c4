/** The editable graph: order, pruning, names, edits; and what frees it from the model it was made of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder, reads } from '../../src/base/order.js';
import type { NodeData } from '../../src/base/tensor.js';
import { Graph } from '../../src/graph/graph.js';

const node = (name: string, inputs: readonly string[], outputs: readonly string[] = [name]): NodeData => ({
  op: 'Add',
  domain: '',
  name,
  inputs,
  outputs,
  attributes: new Map(),
});

function chain(): Graph {
  const graph = Graph.empty('chain');
  graph.inputs.push({ name: 'x', dtype: 'float32', dims: [1] });
  graph.outputs.push({ name: 'c', dtype: 'float32', dims: [1] });
  for (const n of [node('c', ['b', 'x']), node('b', ['a']), node('dead', ['a']), node('a', ['x'])]) graph.add(n);
  return graph;
}

describe('order', () => {
  test('each node stands after those it reads from', () => {
    expect(
      chain()
        .freeze()
        .nodes.map((n) => n.name),
    ).toEqual(['a', 'b', 'c', 'dead']);
  });

  test('any graph without cycles is sorted, whatever the order it came in', () => {
    const shuffled = fc
      .integer({ min: 1, max: 12 })
      .chain((n) =>
        fc.tuple(
          fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: n, maxLength: n }),
          fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([needs, order]) => {
        const nodes = needs.map((list, i) =>
          node(
            `n${i}`,
            list.filter((k) => k < i).map((k) => `n${k}`),
          ),
        );
        const sorted = inOrder(order.map((i) => nodes[i]!));
        const place = new Map(sorted.map((n, i) => [n.name, i]));
        expect(sorted).toHaveLength(nodes.length);
        for (const n of nodes) for (const needed of reads(n)) expect(place.get(needed)!).toBeLessThan(place.get(n.name)!);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test('a cycle is refused, naming a node on it', () => {
    const graph = Graph.empty('loop');
    graph.add(node('p', ['q']));
    graph.add(node('q', ['p']));
    expect(() => graph.freeze()).toThrow(expect.objectContaining({ code: 'input.cycle' }));
  });
});

test('prune drops what no output depends on, initializers too', () => {
  const graph = chain();
  graph.initializers.set('w', { dtype: 'float32', dims: [1], data: new Float32Array(1) });
  graph.prune();
  expect(graph.nodes.map((n) => n.name).toSorted()).toEqual(['a', 'b', 'c']);
  expect(graph.initializers.size).toBe(0);
});

test('fresh names are new, and the same calls give the same names', () => {
  const names = (graph: Graph) => [graph.fresh('a'), graph.fresh('a'), graph.fresh('new'), graph.fresh('')];
  expect(names(chain())).toEqual(names(chain()));
  expect(new Set([...names(chain()), 'a', 'b', 'c', 'x']).size).toBe(8);
});

test('producers and users are found by name; an edit changes this graph alone', () => {
  const data = chain().freeze();
  const graph = new Graph(data);
  expect(graph.producer('b')?.name).toBe('b');
  expect(graph.users('a').map((n) => n.name)).toEqual(['b', 'dead']);
  graph.replace(graph.producer('dead')!);
  expect(graph.users('a').map((n) => n.name)).toEqual(['b']);
  expect(data.nodes).toHaveLength(4);
  expect(() => graph.replace(node('elsewhere', []))).toThrow(expect.objectContaining({ code: 'bug.graph' }));
});
