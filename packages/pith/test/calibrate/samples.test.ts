/** Made inputs: what is drawn for which input, and that distillation brings the statistics closer. */
import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { type DistillOptions, distilledSamples } from '../../src/calibrate/distill.js';
import { noiseSamples } from '../../src/calibrate/noise.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { failureOf } from '../train/tiny.js';
import { netOf } from './brute.js';

/** A convolution with batch norm whose statistics are those of inputs with a mean of 1 and three times the usual deviation. */
const normalized = (): Model =>
  netOf({
    graph: `g(image: float32[N,2,6,6], k: int64[1]) -> (y: float32[N,3,4,4]) {
      init gamma: float32[3] = [1, 0.5, 0]
      init beta: float32[3] = [0, 1, 0]
      init mean: float32[3] = [1, -2, 0.5]
      init variance: float32[3] = [9, 4, 16]
      h = Conv(image, w)
      n = BatchNormalization(h, gamma, beta, mean, variance)
      y = Relu(n)
    }`,
    weights: { w: [3, 2, 3, 3] },
  });

const options: DistillOptions = { engine: onnxruntimeNode, threads: 1, model: normalized(), count: 8, seed: 4 };
const numbersOf = (samples: { feeds(start: number, n: number): ReadonlyMap<string, { data: unknown }> }, n = 8): unknown =>
  samples.feeds(0, n).get('image')!.data;

describe('distilled samples', () => {
  test('have the statistics of the batch normalizations more nearly than noise of the best scale', async () => {
    const made = await distilledSamples({ ...options, steps: 60 });
    expect(made).toMatchObject({ count: 8, origin: 'distilled' });
    expect(made.loss.after).toBeLessThan(0.5 * made.loss.before);
    // The twin that must fail: no steps, no gain.
    const untouched = await distilledSamples({ ...options, steps: 0 });
    expect(untouched.loss.after).toBe(untouched.loss.before);
  });

  test('are the same for the same seed, and others for another', async () => {
    const [one, same, other] = await Promise.all(
      [4, 4, 5].map(async (seed) => numbersOf(await distilledSamples({ ...options, seed, steps: 3 }))),
    );
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  test('come one by one as they come together; inputs that are not floats are as in noise', async () => {
    const made = await distilledSamples({ ...options, steps: 2 });
    const all = numbersOf(made) as Float32Array;
    const third = [...made.feeds(2, 1).get('image')!.data] as number[];
    expect(third).toEqual([...all.slice(2 * 72, 3 * 72)]);
    expect(made.feeds(0, 1).get('k')).toEqual(noiseSamples(options).feeds(0, 1).get('k'));
  });

  test('are refused for a model without batch norm, and stop when told', async () => {
    const plain = netOf({ graph: 'g(x: float32[N,4]) -> (y: float32[N,4]) { y = Relu(x) }', weights: {} });
    expect(await failureOf(() => distilledSamples({ ...options, model: plain }))).toMatchObject({ code: 'unsupported.distillation' });
    const stop = new AbortController();
    const stopping = { ...options, signal: stop.signal, onProgress: () => stop.abort() };
    expect(await failureOf(() => distilledSamples(stopping))).toMatchObject({ code: 'interrupted.cancelled' });
  });
});

describe('noise', () => {
  const model = netOf({
    graph: `g(image: float32[batch,3,16,height], late: float32[N,20,20,3], wave: float32[N,7], input_ids: int64[batch,sequence], more: int32[N,2],
        attention_mask: int64[batch,sequence], token_type_ids: int64[batch,sequence], position_ids: int64[batch,sequence], flag: bool[1],
        scale: float32[], steps: float32[sequence,batch,2], past: float32[batch,2,past_length,4]) -> (y: float32[batch]) {
      flat = Cast(input_ids) { to = 7 }
      a = Gather(words, flat)
      b = Gather(few, input_ids)
      y = Identity(image)
    }`,
    weights: { words: [30, 4], few: [11, 4] },
  });
  const feeds = noiseSamples({ model, count: 4, seed: 2 }).feeds(0, 4);
  const list = (name: string): number[] => Array.from(feeds.get(name)!.data as ArrayLike<number | bigint>, Number);

  test.each<[string, readonly number[]]>([
    ['image', [4, 3, 16, 64]],
    ['late', [4, 20, 20, 3]],
    ['wave', [4, 7]],
    ['input_ids', [4, 32]],
    ['scale', []],
    ['steps', [32, 4, 2]],
    ['past', [4, 2, 0, 4]],
    ['flag', [1]],
  ])('binds the dimensions of %s to %j', (name, dims) => {
    expect(feeds.get(name)!.dims).toEqual(dims);
  });

  test('has whole numbers in the range of the smallest table that they look up', () => {
    expect(Math.max(...list('input_ids'))).toBe(10);
    expect(Math.min(...list('input_ids'))).toBe(0);
    expect(new Set(list('more'))).toEqual(new Set([1]));
  });

  test('has masks and switches on, types of zero, positions that count', () => {
    expect(new Set([...list('attention_mask'), ...list('flag'), ...list('scale')])).toEqual(new Set([1]));
    expect(new Set(list('token_type_ids'))).toEqual(new Set([0]));
    expect(list('position_ids').slice(30, 34)).toEqual([30, 31, 0, 1]);
  });

  test('is of mean 0 and variance 1 in pictures, in which neighbours are alike', () => {
    const x = list('image');
    const square = x.reduce((sum, v) => sum + v * v, 0) / x.length;
    const beside = x.reduce((sum, v, i) => sum + (i % 64 ? v * x[i - 1]! : 0), 0) / (x.length * (63 / 64));
    expect(square).toBeGreaterThan(0.5);
    expect(square).toBeLessThan(1.5);
    expect(beside / square).toBeGreaterThan(0.5);
    const w = list('wave');
    expect(Math.abs(w.reduce((sum, v, i) => sum + (i % 7 ? v * w[i - 1]! : 0), 0) / w.length)).toBeLessThan(0.5);
  });

  test('is the same for the same seed and sample, whatever the batch; sizes can be said', () => {
    const again = noiseSamples({ model, count: 4, seed: 2, bind: (dim) => (dim === 'sequence' ? 5 : undefined) });
    expect(again.feeds(3, 1).get('wave')!.data).toEqual(feeds.get('wave')!.data.slice(21));
    expect(again.feeds(0, 2).get('input_ids')!.dims).toEqual([2, 5]);
    expect(noiseSamples({ model, count: 4, seed: 3 }).feeds(3, 1).get('wave')!.data).not.toEqual(feeds.get('wave')!.data.slice(21));
  });

  test('refuses an input of no known rank', () => {
    const strange = { ...model, graph: { ...model.graph, inputs: [{ name: 'q', dtype: 'float32' as const, dims: null }] } };
    expect(() => noiseSamples({ model: strange, seed: 1 })).toThrow(expect.objectContaining({ code: 'unsupported.inputs' }));
  });
});
