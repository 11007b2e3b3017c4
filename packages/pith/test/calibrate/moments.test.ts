/** Moments against their definitions, multiplied out in doubles on the reference evaluator. */
import { describe, expect, test } from 'vitest';
import { collectMoments } from '../../src/calibrate/collect.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { worst } from '../support/compare.js';
import { bruteForward, bruteMoments, netOf, normalSamples } from './brute.js';
import { layersOf } from './layers.js';
import { common, diagonalOf, first, near, nets, single } from './nets.js';

/** Whether each element of the result is one place of one row. */
const isPlain = ({ readers, op }: WeightLayer): boolean => readers.length === 1 && op !== 'ConvTranspose';

describe.each(Object.entries(nets))('of %s', (_, spec) => {
  const { model, layer } = first(spec);
  const samples = normalSamples(model, 3);
  const options = { ...common, model, layers: [layer], samples, kind: 'gradient', draws: 2 } as const;

  test('gradient moments are those of gradients by central differences', async () => {
    const found = (await collectMoments(options)).get(layer.weight)!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed });
    expect(found.kind).toBe('gradient');
    const off = near(brute.trace);
    expect(off([found.trace], [brute.trace])).toBeLessThan(1);
    for (let g = 0; g < layer.groups; g++) {
      expect(off(found.input![g]!, brute.input[g]!)).toBeLessThan(1);
      expect(off(found.output![g]!, brute.output[g]!)).toBeLessThan(1);
      expect([...found.inputDiagonal[g]!]).toEqual(diagonalOf(found.input![g]!));
      expect([...found.outputDiagonal![g]!]).toEqual(diagonalOf(found.output![g]!));
    }
    // The twin that must fail: moments of other draws.
    const others = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed + 1 });
    expect(off(found.input![0]!, others.input[0]!)).toBeGreaterThan(1);
  });

  test('sides that are too wide are diagonals, and whiten as such', async () => {
    const found = (await collectMoments({ ...options, widest: 0 })).get(layer.weight)!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed, diagonal: ['input', 'output'] });
    expect([found.input, found.output]).toEqual([null, null]);
    for (let g = 0; g < layer.groups; g++) {
      expect(near(brute.trace)(found.inputDiagonal[g]!, diagonalOf(brute.input[g]!))).toBeLessThan(1);
      expect(near(brute.trace)(found.outputDiagonal![g]!, diagonalOf(brute.output[g]!))).toBeLessThan(1);
    }
  });
});

describe('in blocks', () => {
  const spec = nets['a convolution with padding, more places than rows']!;
  const { model, layer } = first({
    ...spec,
    graph: spec.graph.replace('x: float32[N,2,6,5]', 'x: float32[N,6,6,5]'),
    weights: { ...spec.weights, w: [3, 6, 3, 3] },
  });
  const samples = normalSamples(model, 3);
  const options = { ...common, model, layers: [layer], samples, draws: 2 } as const;
  const width = 54;
  /** Rows and columns of a block, and those of the bias, of the whole matrix. */
  const blockOf = (whole: Float64Array, block: number, size: number): number[] => {
    const places = [...Array.from({ length: size }, (_, i) => block * size + i), width];
    return places.flatMap((i) => places.map((j) => whole[i * (width + 1) + j]!));
  };

  test.each([27, 18])('of %i columns, forward moments are parts of the whole matrix', async (size) => {
    const whole = (await collectMoments({ ...options, kind: 'forward' })).get(layer.weight)!;
    const found = (await collectMoments({ ...options, kind: 'forward', widest: size })).get(layer.weight)!;
    expect(found.blocks).toBe(width / size);
    for (let b = 0; b < found.blocks; b++) expect(worst(found.input![b]!, blockOf(whole.input![0]!, b, size), single)).toBeLessThan(1);
    expect(worst(found.inputDiagonal[0]!, whole.inputDiagonal[0]!, single)).toBeLessThan(1);
    expect(worst(found.input![0]!, blockOf(whole.input![0]!, 1, size), single)).toBeGreaterThan(1);
  });

  test('gradient moments have the trace of the whole, and nearly its parts', async () => {
    const whole = (await collectMoments({ ...options, kind: 'gradient' })).get(layer.weight)!;
    const found = (await collectMoments({ ...options, kind: 'gradient', widest: 27 })).get(layer.weight)!;
    expect(found.blocks).toBe(2);
    const trace = (list: readonly ArrayLike<number>[]): number =>
      list.reduce((sum, m) => sum + diagonalOf(Float64Array.from(m)).reduce((a, b) => a + b, 0), 0);
    expect(trace(found.input!) / found.trace).toBeCloseTo(1, 4);
    expect(trace(found.output!) / found.trace).toBeCloseTo(1, 4);
    // the other side is whitened by blocks too, and each block has a bias: shares of the trace move a little, not more
    const shares = (m: Float64Array): number[] =>
      diagonalOf(m)
        .slice(0, 9)
        .map((v) => v / found.trace);
    const parts = (b: number): number[] => Array.from({ length: 27 }, (_, i) => whole.inputDiagonal[0]![27 * b + i]! / whole.trace);
    for (const b of [0, 1]) expect(Math.max(...shares(found.input![b]!).map((v, i) => Math.abs(v - parts(b)[i]!)))).toBeLessThan(0.02);
    expect(found.inputDiagonal[0]!.length).toBe(width + 1);
  });

  test('are not made in groups: those have diagonals', async () => {
    const grouped = first(nets['a grouped convolution']!);
    const moments = await collectMoments({
      ...common,
      model: grouped.model,
      layers: [grouped.layer],
      samples: normalSamples(grouped.model, 3),
      kind: 'gradient',
      widest: 9,
    });
    expect(moments.get(grouped.layer.weight)).toMatchObject({ blocks: 1, input: null });
  });
});

describe('of a table that is looked up', () => {
  const model = netOf({
    graph: `g(ids: int64[N,3]) -> (y: float32[N,3,2]) {
      h = Gather(w, ids)
      t = Tanh(h)
      y = MatMul(t, v)
    }`,
    weights: { w: [7, 4], v: [4, 2] },
  });
  const layer = layersOf(model).find(({ weight }) => weight === 'w')!;
  const ids = BigInt64Array.of(0n, 3n, 5n, 6n, 0n, -4n);
  const samples: Samples = {
    count: 2,
    origin: 'given',
    feeds: (start, n) => new Map([['ids', { dtype: 'int64', dims: [n, 3], data: ids.slice(3 * start, 3 * (start + n)) }]]),
  };
  const options = { ...common, model, layers: [layer], samples, draws: 2 } as const;

  test('gradient moments have a diagonal for its rows', async () => {
    const found = (await collectMoments({ ...options, kind: 'gradient' })).get('w')!;
    const brute = bruteMoments({ model, layer, samples, draws: 2, seed: common.seed, diagonal: ['output'] });
    const off = near(brute.trace);
    expect(off([found.trace], [brute.trace])).toBeLessThan(1);
    expect(off(found.input![0]!, brute.input[0]!)).toBeLessThan(1);
    expect(found.output).toBeNull();
    expect(off(found.outputDiagonal![0]!, diagonalOf(brute.output[0]!))).toBeLessThan(1);
  });

  test('forward moments are the shares of lookups', async () => {
    const found = (await collectMoments({ ...options, kind: 'forward' })).get('w')!;
    expect([...found.outputDiagonal![0]!]).toEqual([2, 0, 0, 2, 0, 1, 1].map((n) => n / 6));
    expect([...found.inputDiagonal[0]!]).toEqual([1, 1, 1, 1, 0]);
  });
});

describe.each(Object.entries(nets).filter(([, spec]) => isPlain(first(spec).layer)))('of %s', (_, spec) => {
  test('forward moments are the mean over samples and places of what the weight meets', async () => {
    const { model, layer } = first(spec);
    const samples = normalSamples(model, 3);
    const found = (await collectMoments({ ...common, model, layers: [layer], samples, kind: 'forward' })).get(layer.weight)!;
    const brute = bruteForward(model, layer, samples);
    expect(found).toMatchObject({ kind: 'forward', output: null, trace: 1 });
    for (let g = 0; g < layer.groups; g++) expect(worst(found.input![g]!, brute[g]!, single)).toBeLessThan(1);
  });
});
