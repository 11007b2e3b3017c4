import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel, readPith, toModel } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { bytesOf, type Model, type Tensor } from '../../src/base/tensor.js';
import { squeeze } from '../../src/library/squeeze.js';
import type { SqueezeOptions, SqueezeProgress } from '../../src/library/squeeze-options.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { digits, inFolder, smallNetwork } from './support.js';

const model = smallNetwork();
const onnx = writeOnnx(model);
const quick = (more: Partial<SqueezeOptions> = {}): Promise<Awaited<ReturnType<typeof squeeze>>> =>
  squeeze({ model: onnx, effort: 0, threads: 1, ...more });
const changed = (name: string, change: (tensor: Tensor) => Tensor): Model => {
  const initializers = new Map(model.graph.initializers);
  initializers.set(name, change(initializers.get(name)!));
  return { ...model, graph: { ...model.graph, initializers } };
};
const withGraph = (text: string, more: Partial<Model> = {}): Model => ({ ...model, metadata: new Map(), graph: parseGraph(text), ...more });

const dense = (count: number): string => Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 1000 - 0.05).join(', ');

describe('without a target', () => {
  test('a model becomes much smaller, and the file decodes to what was measured', async () => {
    const { bytes, report, met } = await quick();
    expect(met).toBe(true);
    expect(bytes.length).toBeLessThan(onnx.length / 4);
    expect(report).toMatchObject({
      pithSqueeze: 1,
      network: 'small',
      source: { bytes: onnx.length, hash: sha256(onnx) },
      file: { bytes: bytes.length, hash: sha256(bytes) },
      effort: 0,
      targets: [],
    });
    expect(report.fidelity!.outputs[0]!.cosine).toBeGreaterThan(0.99);
    expect(report.tensors.map(({ name }) => name).sort()).toEqual([...model.graph.initializers.keys()].sort());
    const again = toModel(readPith(bytes));
    expect([again.graph.inputs, again.graph.outputs, again.opsets, again.metadata]).toEqual([
      model.graph.inputs,
      model.graph.outputs,
      model.opsets,
      model.metadata,
    ]);
  });

  test('the same options give the same bytes, and the file says how it was made', async () => {
    const [first, again] = [await quick(), await quick()];
    expect(sha256(again.bytes)).toBe(sha256(first.bytes));
    const { metadata } = readPith(first.bytes);
    expect(metadata.get('source')).toBe(sha256(onnx).slice(0, 32));
    expect(JSON.parse(metadata.get('recipe')!)).toEqual({ squeeze: { effort: 0, constant: first.report.constant } });
    expect(metadata.get('seed')).toBe('7');
  });
});

describe('every knob moves the bytes', () => {
  test.each<[string, Partial<SqueezeOptions>]>([
    ['effort', { effort: 1 }],
    ['maxSize', { maxSize: 3000 }],
    ['bitsPerWeight', { bitsPerWeight: 2.5 }],
    ['minFidelity', { minFidelity: 0.9999 }],
    ['lossless', { lossless: true }],
    ['coder', { coder: 'raw' }],
    ['metadata', { metadata: new Map([['licence', 'MIT']]) }],
    ['seed', { seed: 8 }],
    ['data and maxDrop', { data: digits, maxDrop: 5 }],
  ])('%s', async (_, more) => {
    expect(sha256((await quick(more)).bytes)).not.toBe(sha256((await quick()).bytes));
  });

  test('samples, where they are looked at', async () => {
    const given = { count: 40, origin: 'given' as const, feeds: (start: number, n: number) => images(start, n) };
    expect(sha256((await quick({ effort: 3, calibrate: given })).bytes)).not.toBe(sha256((await quick({ effort: 3 })).bytes));
  });
});

const images = (start: number, n: number) => {
  const data = Float32Array.from({ length: n * 784 }, (_, i) => Math.abs(Math.sin(i + 784 * start)));
  return new Map([['image', { dtype: 'float32' as const, dims: [n, 1, 28, 28], data }]]);
};

describe('targets', () => {
  test('a size is met from below, and the rounds are told', async () => {
    const seen: SqueezeProgress[] = [];
    const { bytes, met, report } = await quick({ maxSize: 3000, onProgress: (p) => seen.push(p) });
    expect([met, bytes.length <= 3000, bytes.length > 2800]).toEqual([true, true, true]);
    expect(report.targets).toEqual([{ name: 'size', wanted: 'at most 3,000 bytes', got: expect.stringMatching(/bytes$/), met: true }]);
    expect(seen.filter(({ phase }) => phase === 'round')).toHaveLength(report.rounds.length);
    expect(report.rounds.some(({ bytes: size }) => size === bytes.length)).toBe(true);
  });

  test('bits per weight are those of the whole file', async () => {
    const { bytes, report } = await quick({ bitsPerWeight: 3 });
    expect((8 * bytes.length) / 9550).toBeLessThanOrEqual(3);
    expect(report.bitsPerWeight).toBeCloseTo((8 * bytes.length) / 9550, 10);
  });

  test('a fidelity is met by a smaller file where less is asked for', async () => {
    const [more, less] = [await quick({ minFidelity: 0.9999 }), await quick({ minFidelity: 0.95 })];
    expect([more.met, less.met]).toEqual([true, true]);
    expect(less.bytes.length).toBeLessThan(0.7 * more.bytes.length);
  });

  test('one that cannot be met is missed by the best file there is', async () => {
    const { bytes, met, report } = await quick({ maxSize: 300 });
    expect(met).toBe(false);
    expect(bytes.length).toBeGreaterThan(300);
    expect(report.fidelity!.outputs[0]!.cosine).toBeGreaterThanOrEqual(0.9);
    expect(report.targets[0]).toMatchObject({ met: false });
  });

  test('with labels the rise of the error is one', async () => {
    const { met, report } = await quick({ data: digits, maxDrop: 2 });
    expect(met).toBe(true);
    expect(100 * (report.error!.after - report.error!.before)).toBeLessThanOrEqual(2);
    expect(report.error!.count).toBe(60);
    expect(report.fidelity!.origin).toBe('given');
  });
});

describe('lossless', () => {
  test('keeps every bit of every tensor, NaN and all', async () => {
    const odd = changed('fc1.weight', (t) => ({
      ...t,
      data: Float32Array.from(t.data as Float32Array, (x, i) => (i === 3 ? Number.NaN : i === 4 ? -0 : x)),
    }));
    const { bytes, report } = await quick({ model: odd, lossless: true });
    const decoded = readModel(bytes);
    for (const [name, tensor] of odd.graph.initializers) expect(bytesOf(decoded.graph.initializers.get(name)!)).toEqual(bytesOf(tensor));
    expect(report).toMatchObject({ lossless: true, fidelity: null, constant: null });
  });

  test('takes what ONNX Runtime does not', async () => {
    const foreign = withGraph(`g(x: float32[N,8]) -> (y: float32[N,8]) { init w: float32[8,8] = [${dense(64)}]\n y = Mystery(x, w) }`);
    await expect(quick({ model: foreign })).rejects.toMatchObject({
      code: 'input.engine-open',
      detail: { fix: expect.stringMatching(/--lossless/) },
    });
    expect((await quick({ model: foreign, lossless: true })).bytes.length).toBeGreaterThan(0);
  });
});

describe('odd models', () => {
  test('weights in Constant nodes are squeezed like others', async () => {
    const plain = withGraph(`g(x: float32[N,32]) -> (y: float32[N,32]) { init w: float32[32,32] = [${dense(1024)}]\n y = MatMul(x, w) }`);
    const value = plain.graph.initializers.get('w')!;
    const constant = {
      op: 'Constant',
      domain: '',
      name: 'w',
      inputs: [],
      outputs: ['w'],
      attributes: new Map([['value', { kind: 'tensor' as const, value }]]),
    };
    const given = { ...plain, graph: { ...plain.graph, initializers: new Map(), nodes: [constant, ...plain.graph.nodes] } };
    expect((await quick({ model: given })).bytes.length).toBeLessThan(1400);
  });

  test('where nothing may be rounded nothing has to be run', async () => {
    const { report, met } = await quick({
      model: withGraph('g(x: float32[N,4]) -> (y: float32[N,4]) { y = Mystery(x) }'),
      minFidelity: 0.99,
    });
    expect([met, report.fidelity, report.rounds]).toEqual([true, null, []]);
  });

  test.each<[string, Model]>([
    ['no weights', withGraph('g(x: float32[N,4]) -> (y: float32[N,4]) { y = Relu(x) }')],
    ['no nodes', withGraph('g(x: float32[N,4]) -> (x: float32[N,4]) { }')],
    ['a weight of zeros', changed('fc1.weight', (t) => ({ ...t, data: new Float32Array(t.data.length) }))],
    ['a weight of equal numbers', changed('fc1.weight', (t) => ({ ...t, data: new Float32Array(t.data.length).fill(0.01) }))],
    ['denormal weights', changed('fc2.weight', (t) => ({ ...t, data: Float32Array.from(t.data as Float32Array, (x) => x * 1e-40) }))],
    [
      'a tensor without elements',
      withGraph('g(x: float32[N,4]) -> (y: float32[N,4]) { init e: float32[0,4] = []\n y = Concat(x, e) { axis = 0 } }'),
    ],
    [
      'several outputs',
      withGraph(
        `g(x: float32[N,16]) -> (y: float32[N,16], z: float32[N,16]) { init w: float32[16,16] = [${dense(256)}]\n y = MatMul(x, w)\n z = Relu(y) }`,
      ),
    ],
  ])('%s', async (_, given) => {
    const { bytes, report } = await quick({ model: given });
    expect(toModel(readPith(bytes)).graph.outputs.map(({ name }) => name)).toEqual(given.graph.outputs.map(({ name }) => name));
    expect(report.fidelity?.outputs.every(({ cosine }) => cosine > 0.9) ?? true).toBe(true);
  });

  test('a weight with a NaN is kept as it is, and the rest is squeezed', async () => {
    const { report } = await quick({
      model: changed('fc2.weight', (t) => ({
        ...t,
        data: Float32Array.from(t.data as Float32Array, (x, i) => (i === 9 ? Number.NaN : x)),
      })),
    });
    expect(report.tensors.find(({ name }) => name === 'fc2.weight')).toMatchObject({
      rule: 'exact',
      because: expect.stringMatching(/NaN/),
    });
    expect(report.tensors.find(({ name }) => name === 'fc1.weight')).toMatchObject({ rule: 'quantize' });
  });
});

describe('options', () => {
  test.each<[string, object]>([
    ['an unknown name', { efort: 3 }],
    ['an effort that there is not', { effort: 10 }],
    ['half an effort', { effort: 2.5 }],
    ['a size of nothing', { maxSize: 0 }],
    ['a size in words', { maxSize: '500' }],
    ['bits in words', { bitsPerWeight: '2' }],
    ['a fidelity in words', { minFidelity: '0.99' }],
    ['samples that are no path', { calibrate: 3 }],
    ['two sizes', { maxSize: 100, bitsPerWeight: 2 }],
    ['a fidelity of 1', { minFidelity: 1 }],
    ['a drop without labels', { maxDrop: 1 }],
    ['lossless with a quality', { lossless: true, minFidelity: 0.99 }],
    ['two sources of samples', { data: 'x', calibrate: 'y' }],
    ['a coder that there is not', { coder: 'zip' }],
    ['a negative seed', { seed: -1 }],
  ])('%s is refused before anything is read', async (_, more) => {
    await expect(squeeze({ model: 'absent.onnx', ...more })).rejects.toMatchObject({ code: 'usage.option' });
  });
});

test('The output is written whole, and not at all where the work is stopped', () =>
  inFolder(async (folder) => {
    const output = join(folder, 'small.pith');
    const stop = new AbortController();
    const cut = quick({ output, signal: stop.signal, onProgress: ({ phase }) => phase === 'measuring' && stop.abort() });
    await expect(cut).rejects.toMatchObject({ code: 'interrupted.cancelled' });
    expect(await readdir(folder)).toEqual([]);
    const { bytes } = await quick({ output });
    expect(sha256(await readFile(output))).toBe(sha256(bytes));
    expect(await readdir(folder)).toEqual(['small.pith']);
  }));

test('an eighth of the inputs is kept from the solvers, and measured on; where nothing is looked at, all are measured on', async () => {
  const images = Float32Array.from({ length: 64 * 784 }, (_, i) => Math.sin(i / 7) + Math.cos(i / 911));
  const asked = new Set<number>();
  const calibrate = {
    count: 64,
    origin: 'given' as const,
    feeds(start: number, count: number): Map<string, Tensor> {
      for (let i = 0; i < count; i++) asked.add(start + i);
      return new Map([['image', { dtype: 'float32', dims: [count, 1, 28, 28], data: images.slice(start * 784, (start + count) * 784) }]]);
    },
  };
  const looked = await squeeze({ model: onnx, effort: 3, threads: 1, calibrate });
  expect(looked.report.fidelity!.samples).toBe(8);
  expect(asked.size).toBe(64);
  expect((await squeeze({ model: onnx, effort: 0, threads: 1, calibrate })).report.fidelity!.samples).toBe(64);
});
