/** A model behind a port answers as one that is here: the same numbers, the same errors; here both ends are on one thread. */
import { afterEach, describe, expect, test } from 'vitest';
import { PithError } from '../../src/errors.js';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import type { Progress } from '../../src/model/sink.js';
import type { Source } from '../../src/model/source.js';
import { loadOn, type Peer, type WorkerModel } from '../../src/worker/client.js';
import { handedOver } from '../../src/worker/messages.js';
import { serve } from '../../src/worker/serve.js';
import { broken } from '../format/broken/list.js';
import { rejection } from '../help/expect-code.js';
import { lenet300, random } from '../help/models.js';

const { bytes } = writePith({ ...lenet300(), metadata: new Map([['seed', '7']]) });
const image = Float32Array.from({ length: 2 * 784 }, random(3));

let ended = 0;
let fail: (error: PithError) => void = () => undefined;
const peer: Peer = {
  hand: serve,
  end: () => void ended++,
  watch: (told) => {
    fail = told;
  },
};
const open: WorkerModel[] = [];
const connect = async (source: Source, options: Parameters<typeof loadOn>[2] = {}): Promise<WorkerModel> => {
  const model = await loadOn(peer, source, options);
  open.push(model);
  return model;
};
afterEach(() => {
  for (const model of open.splice(0)) model.dispose();
  ended = 0;
});

const stream = (...pieces: readonly unknown[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece as Uint8Array);
      controller.close();
    },
  });

const forms: readonly (readonly [string, (file: Uint8Array) => Source])[] = [
  ['bytes', (file) => file],
  ['an ArrayBuffer', (file) => file.slice().buffer],
  ['a Blob', (file) => new Blob([file.slice()])],
  ['a Response', (file) => new Response(file.slice())],
  ['a stream of views into one buffer', (file) => stream(file.subarray(0, 100), file.subarray(100))],
  ['an address', (file) => `data:application/octet-stream;base64,${Buffer.from(file).toString('base64')}`],
];

describe.each(forms)('%s', (_, form) => {
  test('gives the model that load gives', async () => {
    const [there, here] = [await connect(form(bytes)), await load(bytes)];
    expect([there.inputs, there.outputs, there.metadata]).toEqual([here.inputs, here.outputs, here.metadata]);
    expect(await there.run({ image })).toEqual(await here.run({ image }));
    expect(bytes.length).toBeGreaterThan(0);
  });

  test('gives the error that load gives, and the worker is let go', async () => {
    const small = broken.filter(({ file }) => file.length < 2000).filter((_, i) => i % 8 === 0);
    expect(small.length).toBeGreaterThan(5);
    for (const { file } of small) {
      const there = await rejection(() => connect(form(file)));
      const here = await rejection(() => load(form(file)));
      expect([there.code, there.detail]).toEqual([here.code, here.detail]);
      expect(ended).toBe(1);
      ended = 0;
    }
  });
});

describe('a model in a worker', () => {
  test('says what is done and what it takes as a model here does, at the shapes of the last run', async () => {
    const [there, here] = [await connect(bytes), await load(bytes)];
    expect(await there.explain()).toEqual(here.explain());
    expect(await there.memory).toEqual(here.memory);
    const before = await there.explain();
    // asked for in one go
    const [, steps, memory] = await Promise.all([there.run({ image }), there.explain(), there.memory]);
    await here.run({ image });
    expect(steps).toEqual(here.explain());
    expect(memory).toEqual(here.memory);
    expect(steps).not.toEqual(before);
    there.dispose();
    for (const ask of [() => there.explain(), () => there.memory]) expect((await rejection(ask)).code).toBe('usage.disposed');
  });

  test('leaves the feeds to the caller and gives him the outputs', async () => {
    const model = await connect(bytes);
    const [first, second] = await Promise.all([
      model.run({ image }),
      model.run({ image: { data: image.map((x) => -x), dims: [2, 1, 28, 28] } }),
    ]);
    expect(image.length).toBe(2 * 784);
    first['logits']!.data.fill(0);
    expect(await model.run({ image })).not.toEqual(first);
    expect(await model.run({ image })).not.toEqual(second);
  });

  test('tells errors of a run, and goes on', async () => {
    const model = await connect(bytes);
    const here = await load(bytes);
    for (const feeds of [{}, { picture: image }, { image: image.subarray(1) }]) {
      const [there, expected] = [await rejection(() => model.run(feeds)), await rejection(() => here.run(feeds))];
      expect([there.code, there.detail]).toEqual([expected.code, expected.detail]);
    }
    expect((await model.run({ image }))['logits']!.dims).toEqual([2, 10]);
  });

  test('says how far it is, with the length of a Response', async () => {
    const seen: Progress[] = [];
    const response = new Response(bytes.slice(), { headers: { 'content-length': String(bytes.length) } });
    await connect(response, { onProgress: (progress) => seen.push(progress) });
    expect(seen.findLast(({ phase }) => phase === 'read')).toEqual({ phase: 'read', done: bytes.length, total: bytes.length });
    expect(seen.at(-1)?.phase).toBe('plan');
  });

  test('takes options as load does', async () => {
    expect((await rejection(() => connect(bytes, { integrity: `sha256-${'A'.repeat(43)}=` }))).code).toBe('input.integrity');
    expect((await rejection(() => connect(bytes, { limits: { maxTensors: 1 } }))).code).toBe('limit.tensors');
    const thrown = new Error('mine');
    const onProgress = (): never => {
      throw thrown;
    };
    await expect(connect(bytes, { onProgress })).rejects.toBe(thrown);
  });

  test('is given up at once where the signal says so', async () => {
    expect((await rejection(() => connect(bytes, { signal: AbortSignal.abort() }))).code).toBe('interrupted.cancelled');
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    expect((await rejection(() => connect(silent, { signal: AbortSignal.timeout(30) }))).code).toBe('interrupted.cancelled');
    expect(ended).toBe(1);
  });

  test('is gone after dispose, with all that waits', async () => {
    const model = await connect(bytes);
    const waiting = rejection(() => model.run({ image }));
    model.dispose();
    model.dispose();
    expect([(await waiting).code, (await rejection(() => model.run({ image }))).code]).toEqual(['usage.disposed', 'usage.disposed']);
    expect(ended).toBe(1);
  });

  test('fails where the worker fails', async () => {
    const model = await connect(bytes);
    fail(new PithError('unsupported.worker', { expected: 'a worker', got: 'none' }));
    expect((await rejection(() => model.run({ image }))).code).toBe('unsupported.worker');
    const blocked: Peer = {
      ...peer,
      hand: () => undefined,
      watch: (told) => told(new PithError('unsupported.worker', { expected: '', got: '' })),
    };
    expect((await rejection(() => loadOn(blocked, bytes, {}))).code).toBe('unsupported.worker');
  });

  test.each<[string, () => unknown, string]>([
    ['nothing', () => null, 'usage.source'],
    ['a stream of words', () => stream('words'), 'usage.source'],
    ['an answer that is no file', () => new Response('gone', { status: 404 }), 'input.fetch'],
    ['a path where no page is', () => './model.pith', 'input.fetch'],
    ['a stream that breaks off', () => new ReadableStream({ pull: (c) => c.error(new Error('cut')) }), 'input.fetch'],
    [
      'a stream that somebody else reads',
      () => {
        const one = stream(bytes);
        one.getReader();
        return one;
      },
      'usage.source',
    ],
  ])('of %s is a typed error', async (_, source, code) => {
    expect((await rejection(() => connect(source() as Source))).code).toBe(code);
  });
});

test('arrays are handed over in buffers of their own, one for each', () => {
  const whole = Float32Array.of(1, 2, 3);
  const { named, buffers } = handedOver({ a: { data: whole, dims: [3] }, b: { data: whole, dims: [3] }, c: whole.subarray(1) }, false);
  expect(named).toEqual({ a: { data: whole, dims: [3] }, b: { data: whole, dims: [3] }, c: Float32Array.of(2, 3) });
  expect(buffers).toHaveLength(2);
  expect(handedOver({ whole }, true).buffers[0]).not.toBe(whole.buffer);
});
