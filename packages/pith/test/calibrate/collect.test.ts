/** Where moments are had, and of what kind: operators without a gradient, other types, fixed batches, seeds, signals. */
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Model, Tensor, ValueInfo } from '../../src/base/tensor.js';
import { collectMoments } from '../../src/calibrate/collect.js';
import type { Samples } from '../../src/calibrate/samples.js';
import type { Engine } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { fromRef, toRef } from '../../src/ops/ref.js';
import { failureOf } from '../train/tiny.js';
import { netOf, normalSamples } from './brute.js';
import { layersOf } from './layers.js';
import { common, first, near, nets } from './nets.js';

describe('where a gradient cannot be had', () => {
  const strange = netOf({
    graph: `g(x: float32[N,4,3]) -> (y: float32[N,4,2]) {
      a = MatMul(x, w1)
      s = Mish(a)
      b = MatMul(s, w2)
      y = Tanh(b)
    }`,
    weights: { w1: [3, 3], w2: [3, 2] },
  });
  const model = { ...strange, opsets: new Map([['', 18]]) };

  test('layers before an operator that pith does not know have forward moments, those behind it gradient moments', async () => {
    const samples = normalSamples(model, 5);
    const found = await collectMoments({ ...common, model, layers: layersOf(model), samples, kind: 'gradient' });
    expect(new Map([...found].map(([name, m]) => [name, m.kind]))).toEqual(
      new Map([
        ['w1', 'forward'],
        ['w2', 'gradient'],
      ]),
    );
  });

  test('both directions of a recurrent layer have the moments of its input, and of its output where that is there', async () => {
    const lstm = netOf({
      graph: `g(x: float32[5,N,3]) -> (y: float32[5,2,N,4]) {
        y = LSTM(x, w, r) { hidden_size = 4, direction = "bidirectional" }
      }`,
      weights: { w: [2, 16, 3], r: [2, 16, 4] },
    });
    const samples: Samples = {
      count: 2,
      origin: 'given',
      feeds: (start, n) =>
        new Map([['x', { dtype: 'float32', dims: [5, n, 3], data: Float32Array.from({ length: 15 * n }, (_, i) => Math.sin(i + start)) }]]),
    };
    const found = await collectMoments({ ...common, model: lstm, layers: layersOf(lstm), samples, kind: 'gradient' });
    expect(found.get('w')).toMatchObject({ kind: 'forward', output: null });
    expect(found.get('w')!.input!.map((m) => m.length)).toEqual([16, 16]);
    expect(found.get('w')!.input![0]).toEqual(found.get('w')!.input![1]);
    expect(found.get('r')!.input!.map((m) => m.length)).toEqual([25, 25]);
    expect(found.get('r')!.input![0]).not.toEqual(found.get('r')!.input![1]);
  });

  test('an engine that does not take the graph of gradients still gives forward moments', async () => {
    const { model: plain, layer } = first(nets['a Gemm with a factor']!);
    const strict: Engine = {
      ...onnxruntimeNode,
      open(graph, options) {
        if (graph.graph.outputs.some(({ name }) => name.endsWith('/input')))
          throw new PithError('input.engine-open', { expected: 'a graph as it was', got: 'gradients' });
        return onnxruntimeNode.open(graph, options);
      },
    };
    const options = { ...common, model: plain, layers: [layer], samples: normalSamples(plain, 3), kind: 'gradient' } as const;
    expect((await collectMoments({ ...options, engine: strict })).get(layer.weight)!.kind).toBe('forward');
    expect((await collectMoments(options)).get(layer.weight)!.kind).toBe('gradient');
  });

  test('an output of whole numbers gives forward moments to all', async () => {
    const whole = netOf({
      graph: `g(x: float32[N,3]) -> (y: int64[N,2]) {
        a = MatMul(x, w)
        y = Cast(a) { to = 7 }
      }`,
      weights: { w: [3, 2] },
    });
    const found = await collectMoments({
      ...common,
      model: whole,
      layers: layersOf(whole),
      samples: normalSamples(whole, 3),
      kind: 'gradient',
    });
    expect(found.get('w')!.kind).toBe('forward');
  });
});

describe.each(['float16', 'float64'] as const)('in %s', (dtype) => {
  const retype = (t: Tensor): Tensor => (t.dtype === 'float32' ? fromRef({ ...toRef(t), dtype }) : t);
  const { model, layer } = first(nets['a convolution with padding, more places than rows']!);
  const { graph } = model;
  const types = (list: readonly ValueInfo[]): ValueInfo[] => list.map((v) => ({ ...v, dtype }));
  const initializers = new Map([...graph.initializers].map(([name, t]) => [name, retype(t)]));
  const other: Model = { ...model, graph: { ...graph, inputs: types(graph.inputs), outputs: types(graph.outputs), initializers } };
  const plain = normalSamples(model, 3);
  const samples: Samples = { ...plain, feeds: (start, n) => new Map([...plain.feeds(start, n)].map(([name, t]) => [name, retype(t)])) };

  test('gradient moments are those of the same numbers in single precision', async () => {
    const options = { ...common, layers: [layer], kind: 'gradient', draws: 2 } as const;
    const found = (await collectMoments({ ...options, model: other, samples })).get(layer.weight)!;
    const rounded = new Map([...initializers].map(([name, t]) => [name, fromRef({ ...toRef(t), dtype: 'float32' as const })]));
    const same = {
      ...plain,
      feeds: (s: number, n: number) =>
        new Map([...samples.feeds(s, n)].map(([name, t]) => [name, fromRef({ ...toRef(t), dtype: 'float32' as const })])),
    };
    const expected = (
      await collectMoments({ ...options, model: { ...model, graph: { ...graph, initializers: rounded } }, samples: same })
    ).get(layer.weight)!;
    expect(found).toEqual(expected);
    // The twin that must fail: numbers of another precision are others.
    const single = (await collectMoments({ ...options, model, samples: plain })).get(layer.weight)!;
    if (dtype === 'float16') expect(found).not.toEqual(single);
    else expect(found).toEqual(single);
  });
});

describe('a model of a fixed batch', () => {
  const open = first(nets['a Gemm with a factor']!);
  const graph = { ...open.model.graph, inputs: [{ name: 'x', dtype: 'float32', dims: [4, 4] }] as const };
  const options = { ...common, layers: [open.layer], kind: 'gradient', draws: 2 } as const;

  test('has moments of its whole batches', async () => {
    const samples = normalSamples(open.model, 10);
    const found = await collectMoments({ ...options, model: { ...open.model, graph }, samples });
    const whole = await collectMoments({ ...options, model: open.model, samples: { ...samples, count: 8 } });
    const off = near(whole.get('w')!.trace);
    expect(off(found.get('w')!.input![0]!, whole.get('w')!.input![0]!)).toBeLessThan(1);
    // The twin that must fail: the rest is not among them.
    const all = await collectMoments({ ...options, model: open.model, samples });
    expect(off(found.get('w')!.input![0]!, all.get('w')!.input![0]!)).toBeGreaterThan(1);
  });

  test('is refused with fewer samples', async () => {
    const samples = normalSamples(open.model, 3);
    const failure = await failureOf(() => collectMoments({ ...options, model: { ...open.model, graph }, samples }));
    expect(failure).toMatchObject({ code: 'unsupported.inputs' });
  });
});

test('the same seed gives the same moments, another seed others; progress goes to its end; a signal stops it', async () => {
  const { model, layer } = first(nets['a Gemm with a factor']!);
  const samples = normalSamples(model, 5);
  const seen: (readonly [number, number])[] = [];
  const onProgress = (done: number, total: number): void => void seen.push([done, total]);
  const options = { ...common, model, layers: [layer], samples, kind: 'gradient', onProgress } as const;
  const [one, same, other] = [await collectMoments(options), await collectMoments(options), await collectMoments({ ...options, seed: 3 })];
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect(seen.slice(0, 2)).toEqual([
    [5, 10],
    [10, 10],
  ]);
  expect(await failureOf(() => collectMoments({ ...options, signal: AbortSignal.abort() }))).toMatchObject({
    code: 'interrupted.cancelled',
  });
});
