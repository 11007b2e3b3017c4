/** The last pass over training graphs: fewer nodes, the same numbers. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { sizeOf, type Tensor } from '../../src/base/tensor.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/value.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferNode } from '../../src/ops/infer.js';
import { toRef } from '../../src/ops/ref.js';
import { fuse } from '../../src/train/fuse.js';

type Words = { op: Builder; input: (name: string, dims: readonly number[]) => Value };

const feeds = (graph: Graph): Map<string, Tensor> =>
  new Map(
    graph.inputs.map(({ name, dims }) => {
      const random = Random.of(2, name);
      const sizes = dims as readonly number[];
      return [name, { dtype: 'float32', dims: sizes, data: Float32Array.from({ length: sizeOf(sizes) }, () => random.between(-1, 1)) }];
    }),
  );

/** Operators of a graph before and after, and whether both give the same outputs. */
function fused(build: (words: Words) => void): { before: string[]; after: string[]; outputs: string[]; same: boolean } {
  const graph = Graph.empty('test');
  const op = new Builder(graph, 17, inferNode);
  build({ op, input: (name, dims) => op.input(name, { dtype: 'float32', dims }) });
  const names = (): string[] => graph.nodes.map((n) => n.op);
  const run = () => [...evaluate(graph.freeze(), 17, new Map([...feeds(graph)].map(([name, t]) => [name, toRef(t)])))];
  const [before, expected] = [names(), run()];
  fuse(graph, 17);
  const actual = run();
  const same = expected.every(
    ([name, ref], i) => name === actual[i]![0] && ref.data.every((v, k) => Math.abs(v - actual[i]![1].data[k]!) < 1e-12),
  );
  return { before, after: names(), outputs: graph.outputs.map((v) => v.name), same };
}

const product = ({ op, input }: Words, attributes = {}): Value => op.Gemm(input('a', [3, 4]), input('b', [4, 5]), undefined, attributes);

describe('fuse', () => {
  test('momentum goes into the product that is the gradient', () => {
    const build = (w: Words, first: boolean): void => {
      const scaled = w.op.Mul(w.input('v', [3, 5]), w.op.scalar(0.5));
      const grad = product(w, { alpha: { float: 0.25 } });
      w.op.output('next', first ? w.op.Add(scaled, grad) : w.op.Add(grad, scaled));
    };
    for (const first of [true, false]) {
      const { after, outputs, same } = fused((w) => build(w, first));
      expect({ after, outputs, same }).toEqual({ after: ['Gemm'], outputs: ['next'], same: true });
    }
  });

  test('weight decay goes into it, momentum then stays outside', () => {
    const { after, same } = fused((w) => {
      const decayed = w.op.Add(product(w), w.op.Mul(w.input('p', [3, 5]), w.op.scalar(0.125)));
      w.op.output('next', w.op.Add(w.op.Mul(w.input('v', [3, 5]), w.op.scalar(0.5)), decayed));
    });
    expect(same).toBe(true);
    expect(after.toSorted()).toEqual(['Add', 'Gemm', 'Mul']);
  });

  const kept: readonly [string, (w: Words) => void][] = [
    [
      'a product that is read elsewhere',
      (w) => {
        const grad = product(w);
        w.op.output('next', w.op.Add(w.op.Mul(w.input('v', [3, 5]), w.op.scalar(0.5)), w.op.Relu(grad)));
        w.op.output('sum', w.op.Add(w.op.Mul(w.input('u', [3, 5]), w.op.scalar(0.5)), grad));
      },
    ],
    [
      'a factor that is no constant',
      (w) => void w.op.output('next', w.op.Add(w.op.Mul(w.input('v', [3, 5]), w.input('f', [])), product(w))),
    ],
    [
      'a product that has a sum already',
      (w) => {
        const grad = w.op.Gemm(w.input('a', [3, 4]), w.input('b', [4, 5]), w.input('c', [5]));
        w.op.output('next', w.op.Add(w.op.Mul(w.input('v', [3, 5]), w.op.scalar(0.5)), grad));
      },
    ],
    [
      'a sum that is wider than the product',
      (w) => void w.op.output('next', w.op.Add(w.op.Mul(w.input('v', [2, 3, 5]), w.op.scalar(0.5)), product(w))),
    ],
  ];
  test.each(kept)('%s stays as it is', (_, build) => {
    const { before, after, same } = fused(build);
    expect(same).toBe(true);
    expect(after.toSorted()).toEqual(before.filter((op) => op !== 'Identity').toSorted());
  });

  test('a value that is two outputs, and an output that is an input, keep their Identity', () => {
    const { after, outputs, same } = fused(({ op, input }) => {
      const x = input('x', [2]);
      const y = op.Relu(x);
      op.output('one', y);
      op.output('two', y);
      op.output('same', x);
    });
    expect({ outputs, same }).toEqual({ outputs: ['one', 'two', 'same'], same: true });
    expect(after.toSorted()).toEqual(['Identity', 'Identity', 'Relu']);
  });
});
