import { densify, readPith, toModel, writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { bytesOf, type Model } from '../../src/base/tensor.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { reference } from '../../src/engine/reference.js';
import { keepEverything, type Prepared, prepareSqueeze } from '../../src/squeeze/squeeze.js';
import { smallNetwork } from '../library/support.js';

const none: Samples = { count: 0, origin: 'noise', feeds: () => new Map() };
const prepare = (model: Model, more: { readonly signal?: AbortSignal } = {}): Promise<Prepared> =>
  prepareSqueeze({ model, engine: reference, threads: 1, effort: 0, samples: none, seed: 7, ...more });

const model = smallNetwork();
/** The first weight twice under two names, each with a reader. */
const tied: Model = {
  ...model,
  graph: {
    ...model.graph,
    initializers: new Map([...model.graph.initializers, ['again', model.graph.initializers.get('fc1.weight')!]]),
    outputs: [...model.graph.outputs, { name: 'more', dtype: 'float32', dims: null }],
    nodes: [
      ...model.graph.nodes,
      { ...model.graph.nodes.find((node) => node.inputs.includes('fc1.weight'))!, name: 'again', outputs: ['more'] },
    ].map((node) => (node.name === 'again' ? { ...node, inputs: node.inputs.map((n) => (n === 'fc1.weight' ? 'again' : n)) } : node)),
  },
};

describe('the plan', () => {
  test('says of each tensor what becomes of it, and why', async () => {
    const { plan } = await prepare(tied);
    expect(Object.fromEntries(plan.map(({ name, method }) => [name, method]))).toMatchObject({
      'fc1.weight': 'round',
      'fc2.weight': 'round',
      again: 'tied',
    });
    expect(plan.every(({ because }) => because.length > 0)).toBe(true);
  });

  test('keeps everything where every bit is asked for', () => {
    expect(new Set(keepEverything(tied, 'lossless').map(({ method }) => method))).toEqual(new Set(['exact']));
  });
});

describe('quantize', () => {
  const bytesAt = async ({ model: folded, quantize }: Prepared, constant: number): Promise<Uint8Array> =>
    writePith({ model: folded, stored: await quantize(constant) }).bytes;

  test('gives the same bytes for the same constant, fewer for a larger one', async () => {
    const prepared = await prepare(tied);
    const [fine, again, coarse] = [await bytesAt(prepared, 0.1), await bytesAt(prepared, 0.1), await bytesAt(prepared, 0.5)];
    expect(again).toEqual(fine);
    expect(coarse.length).toBeLessThan(0.8 * fine.length);
  });

  test('leaves tied weights tied, and exact tensors as they were', async () => {
    const prepared = await prepare(tied);
    const { initializers } = toModel(readPith(await bytesAt(prepared, 0.3))).graph;
    expect(bytesOf(initializers.get('again')!)).toEqual(bytesOf(initializers.get('fc1.weight')!));
    expect(bytesOf(initializers.get('fc1.weight')!)).not.toEqual(bytesOf(tied.graph.initializers.get('fc1.weight')!));
    for (const { name, method } of prepared.plan)
      if (method === 'exact') expect(bytesOf(initializers.get(name)!)).toEqual(bytesOf(tied.graph.initializers.get(name)!));
  });

  test('keeps vectors much nearer to what they were than weights', async () => {
    const biased: Model = {
      ...model,
      graph: {
        ...model.graph,
        initializers: new Map(
          [...model.graph.initializers].map(([name, t]) => [
            name,
            name.endsWith('bias') ? { ...t, data: Float32Array.from({ length: t.data.length }, (_, i) => Math.sin(i + 1)) } : t,
          ]),
        ),
      },
    };
    const { plan, quantize } = await prepare(biased);
    const near = plan.filter(({ method }) => method === 'near');
    const stored = await quantize(1);
    for (const { name } of near) {
      const [was, is] = [biased.graph.initializers.get(name)!.data, densify(stored.get(name)!).data].map((d) => [...(d as Float32Array)]);
      for (const [i, x] of was!.entries()) expect(Math.abs(x - is![i]!)).toBeLessThan(0.01);
    }
  });

  test('tells how far it is, and stops when it is told to', async () => {
    const stop = new AbortController();
    const { quantize } = await prepare(model);
    const seen: number[] = [];
    await quantize(0.3, { onProgress: (done, total) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    stop.abort();
    await expect(quantize(0.3, { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted.cancelled' });
  });
});
