/** Kernels that round beyond float32 are taken where they are allowed, and nowhere else; what they cost in error is bounded. */
import { describe, expect, test } from 'vitest';
import { readPith, toModel } from '../../src/format/read.js';
import type { StoredTensor } from '../../src/format/stored.js';
import { naturalView } from '../../src/format/uniform.js';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import { loadOn } from '../../src/worker/client.js';
import { serve } from '../../src/worker/serve.js';
import { rejection } from '../help/expect-code.js';
import { bell, node, random, value } from '../help/models.js';
import { Net } from '../help/networks.js';
import { type Numbers, runOrt } from '../help/ort.js';

type Kind = 'conv' | 'gemm' | 'matmul';

/** One layer that is large enough for integers to pay, with weights of 8 bits as squeeze writes them. */
function layer(kind: Kind): { readonly bytes: Uint8Array; readonly feeds: Record<string, Numbers> } {
  const net = new Net(31);
  const dims = { conv: [48, 40, 5, 5], gemm: [200, 300], matmul: [300, 200] }[kind];
  const weight = net.weight(dims, 300);
  const given = { conv: { pads: [2, 2, 2, 2] }, gemm: { transB: 1 }, matmul: {} }[kind];
  net.nodes.push(node({ conv: 'Conv', gemm: 'Gemm', matmul: 'MatMul' }[kind], ['x', weight], ['y'], given));
  const input = kind === 'conv' ? [2, 40, 14, 14] : [3, 300];
  const model = net.model([value('x', ...input)]);
  const next = random(32);
  const view = naturalView(dims, kind === 'matmul');
  const uniform: StoredTensor = {
    kind: 'uniform',
    dtype: 'float32',
    dims,
    view,
    levels: Int8Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.round(40 * bell(next))),
    grid: 'scalar',
    step: -128,
    rowSteps: Int8Array.from({ length: view.rows }, (_, r) => r % 7),
    columnSteps: null,
  };
  const data = Float32Array.from({ length: input.reduce((a, b) => a * b) }, () => bell(next));
  return { bytes: writePith({ model, stored: new Map([[weight, uniform]]) }).bytes, feeds: { x: { dims: input, data } } };
}

/** The largest difference over the largest value. */
function error(actual: Numbers, expected: Numbers): number {
  const [a, e] = [actual, expected].map(({ data }) => Float64Array.from(data as Float32Array)) as [Float64Array, Float64Array];
  const scale = e.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - e[i]!)), 0) / scale;
}

describe.each(['conv', 'gemm', 'matmul'] as const)('%s', (kind) => {
  const { bytes, feeds } = layer(kind);

  test('is computed in float32 unless the caller allows less, and then by integers within their error', async () => {
    const expected = (await runOrt(toModel(readPith(bytes)), feeds))['y']!;
    const exact = await load(bytes);
    const same = await load(bytes, { allowReducedPrecision: false });
    const reduced = await load(bytes, { allowReducedPrecision: true });
    const [a, b, c] = await Promise.all([exact.run(feeds), same.run(feeds), reduced.run(feeds)]);
    const step = (model: typeof exact) => model.explain().at(-1)!;
    expect([exact, same].map((model) => step(model).choices.every((choice) => choice.exact))).toEqual([true, true]);
    expect(step(exact).exact).toBe(true);
    expect(step(reduced)).toMatchObject({ exact: false, kernel: kind === 'conv' ? 'conv-integer' : 'linear-integer' });
    expect(b).toEqual(a);
    expect(error(a['y']!, expected)).toBeLessThan(1e-6);
    // 16 bits: 2⁻¹⁶ of the largest activation for each of 300 to 1,000 products whose errors have both signs
    expect(error(c['y']!, expected)).toBeLessThan(2e-4);
    expect(error(c['y']!, expected)).toBeGreaterThan(1e-6);
  });

  test('NaN in stays NaN out', async () => {
    const reduced = await load(bytes, { allowReducedPrecision: true });
    const x = { ...feeds['x']!, data: Float32Array.from(feeds['x']!.data as Float32Array, (v, i) => (i === 7 ? Number.NaN : v)) };
    const { y } = await reduced.run({ x });
    expect([...y!.data].some(Number.isNaN)).toBe(true);
  });
});

test('a worker takes the same option', async () => {
  const { bytes, feeds } = layer('gemm');
  const there = await loadOn({ hand: serve, end: () => undefined, watch: () => undefined }, bytes, { allowReducedPrecision: true });
  const here = await load(bytes, { allowReducedPrecision: true });
  expect(await there.run(feeds)).toEqual(await here.run(feeds));
  expect(await there.run(feeds)).not.toEqual(await (await load(bytes)).run(feeds));
  there.dispose();
});

test('something else than true or false is refused', async () => {
  const { bytes } = layer('gemm');
  const wrong = JSON.parse('{ "allowReducedPrecision": 1 }') as { allowReducedPrecision: boolean };
  expect((await rejection(() => load(bytes, wrong))).code).toBe('usage.option');
});
