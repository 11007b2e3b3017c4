/** Models on several threads: the same bits as on one, threads that come and go, and models that need none. */
import { afterEach, expect, test, vi } from 'vitest';
import { readPith } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { Machine } from '../../src/kernels/machine.js';
import { threadScript } from '../../src/kernels/thread-script.js';
import type { Feeds } from '../../src/model/feeds.js';
import { load } from '../../src/model/load.js';
import { LoadedModel, type Outputs } from '../../src/model/loaded-model.js';
import { loadOn } from '../../src/worker/client.js';
import { serve } from '../../src/worker/serve.js';
import { rejection } from '../help/expect-code.js';
import { lenet5, random, value } from '../help/models.js';
import { forms, Net, networks, storedAs } from '../help/networks.js';
import { bitsOf, startAs, threaded, until } from '../help/threads.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const image = (count: number, seed: number): Float32Array => Float32Array.from({ length: count }, random(seed));
const words = { dims: [2, 9], data: Int32Array.from({ length: 18 }, (_, i) => (i * 7) % 50) };
const feedsOf = (name: string, inputs: LoadedModel['inputs']): Feeds =>
  name === 'transformer'
    ? { ids: words, mask: { dims: [2, 9], data: Int32Array.from({ length: 18 }, (_, i) => Number(i % 5 > 0)) } }
    : Object.fromEntries(
        inputs.map((input) => {
          const dims = input.dims!.map((d) => (typeof d === 'number' ? d : 2));
          return [
            input.name,
            {
              dims,
              data: image(
                dims.reduce((a, b) => a * b, 1),
                4,
              ),
            },
          ];
        }),
      );
const bits = (outputs: Outputs): number[] => Object.values(outputs).flatMap(({ data }) => bitsOf(data as Float32Array));

/** Opens it where its kernels are run by this machine. */
function openOn(machine: Machine, file: Uint8Array): LoadedModel {
  vi.spyOn(Machine, 'open').mockReturnValue(machine);
  const model = LoadedModel.open(readPith(file));
  vi.restoreAllMocks();
  return model;
}

test('whole networks give the same bits on 1, 2, 3 and 4 threads, whatever their weights are stored as', async () => {
  const machines = await Promise.all([2, 3, 4].map((threads) => threaded(threads)));
  const bases = machines.map((machine) => machine.mark());
  for (const [name, build] of Object.entries(networks))
    for (const form of forms) {
      const model = build();
      const file = writePith({ model, stored: storedAs(form, model) }).bytes;
      const one = LoadedModel.open(readPith(file));
      const feeds = feedsOf(name, one.inputs);
      const expected = bits(await one.run(feeds));
      for (const [i, machine] of machines.entries()) {
        machine.release(bases[i]!);
        const many = openOn(machine, file);
        for (let run = 0; run < 2; run++) expect([name, form, bits(await many.run(feeds))]).toEqual([name, form, expected]);
      }
    }
  expect(machines.map(({ threads }) => threads)).toEqual([2, 3, 4]);
  for (const machine of machines) machine.endThreads();
}, 60_000);

test('a thread that computes something else is seen in the results of a network', async () => {
  const file = writePith({ model: networks['mobilenet']!() }).bytes;
  const one = LoadedModel.open(readPith(file));
  const feeds = feedsOf('mobilenet', one.inputs);
  const expected = bits(await one.run(feeds));
  const machine = await threaded(2);
  const wrong = await threaded(2, { start: startAs(threadScript.replace('kernels[call[0]]', '(() => {})')) });
  const [right, other] = [openOn(machine, file), openOn(wrong, file)];
  let seen = false;
  for (let i = 0; i < 2000 && !seen; i++) {
    expect(bits(await right.run(feeds))).toEqual(expected);
    seen = bits(await other.run(feeds)).some((word, k) => word !== expected[k]);
  }
  expect(seen).toBe(true);
  for (const each of [machine, wrong]) each.endThreads();
});

/** As ResNet-20 begins: 24 million multiply-adds. */
function large(): Uint8Array {
  const net = new Net(5);
  let x = net.relu(net.norm(net.conv('image', { from: 3, to: 16, kernel: 3 }, false), 16));
  for (let i = 0; i < 5; i++) {
    const inner = net.relu(net.norm(net.conv(x, { from: 16, to: 16, kernel: 3 }, false), 16));
    x = net.relu(net.add('Add', [x, net.norm(net.conv(inner, { from: 16, to: 16, kernel: 3 }, false), 16)]));
  }
  net.head(x, 16);
  return writePith({ model: net.model([value('image', 'N', 3, 32, 32)]) }).bytes;
}
const bytes = large();
const feeds = { image: image(3 * 1024, 6) };

test('a model that is large enough starts threads, which no result waits for, and lets them go', async () => {
  const alone = await load(bytes, { threads: 1 });
  const expected = bits(await alone.run(feeds));
  const model = await load(bytes, { threads: 3 });
  expect(bits(await model.run(feeds))).toEqual(expected);
  await until(() => model.threads === 3);
  expect(bits(await model.run(feeds))).toEqual(expected);
  // other shapes: memory is laid out anew
  const two = { image: image(2 * 3 * 1024, 7) };
  expect(bits(await model.run(two))).toEqual(bits(await alone.run(two)));
  expect(bits(await model.run(feeds))).toEqual(expected);
  expect([alone.threads, model.threads]).toEqual([1, 3]);
  const end = vi.spyOn(Machine.prototype, 'endThreads');
  model.dispose();
  expect(end).toHaveBeenCalledOnce();
  expect((await rejection(async () => model.threads)).code).toBe('usage.disposed');
});

test('outputs lie in memory of their own, which can be handed over', async () => {
  const model = await load(bytes, { threads: 2 });
  const { y } = await model.run(feeds);
  expect(y!.data.buffer).toBeInstanceOf(ArrayBuffer);
  expect(structuredClone(y, { transfer: [y!.data.buffer as ArrayBuffer] })!.dims).toEqual([1, 10]);
  model.dispose();
});

test.each([
  ['small models', { threads: 4 }, writePith(lenet5()).bytes, () => undefined],
  ['one thread that is asked for', { threads: 1 }, bytes, () => undefined],
  ['a page that is not isolated from other origins', { threads: 4 }, bytes, () => vi.stubGlobal('crossOriginIsolated', false)],
])('%s: nothing is shared', async (_, options, file, stub) => {
  stub();
  const shared = vi.spyOn(Machine, 'openShared');
  const model = await load(file, options);
  const dims = model.inputs[0]!.dims!.map((d) => (typeof d === 'number' ? d : 1));
  await model.run({ [model.inputs[0]!.name]: { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) } });
  expect(shared.mock.results.every(({ value: machine }) => machine === undefined)).toBe(true);
  expect(model.threads).toBe(1);
  model.dispose();
});

test.each([0, -1, 1.5, 33, Number.NaN, '2', null])('%s is no number of threads', async (threads) => {
  const error = await rejection(() => load(bytes, { threads: threads as number }));
  expect([error.code, error.detail.at]).toEqual(['usage.option', { option: 'threads' }]);
});

test('a heap that may not grow ends the threads with the model', async () => {
  const end = vi.spyOn(Machine.prototype, 'endThreads');
  expect((await rejection(async () => LoadedModel.open(readPith(bytes), { threads: () => 2, maxBytes: 2 ** 17 }))).code).toBe(
    'limit.memory',
  );
  expect(end).toHaveBeenCalledOnce();
});

test('a model in a worker has threads of its own', async () => {
  const model = await loadOn({ hand: serve, end: () => undefined, watch: () => undefined }, bytes, { threads: 2 });
  const alone = await load(bytes, { threads: 1 });
  for (let i = 0; (await model.threads) < 2; i++) expect(i).toBeLessThan(10_000);
  expect(bits(await model.run(feeds))).toEqual(bits(await alone.run(feeds)));
  model.dispose();
});
