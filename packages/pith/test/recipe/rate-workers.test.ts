/** The step `rate` by workers: with batch normalizations they share each batch, without they are not asked; cut off and taken up again, the same bytes. */
import { afterEach, describe, expect, test } from 'vitest';
import { startWorker, threadOf } from '../../dist/engine/shard-thread.js';
import type { Model } from '../../src/base/tensor.js';
import { compressModel } from '../../src/recipe/compress.js';
import type { Host } from '../../src/recipe/step.js';
import { parallelSessions } from '../../src/train/parallel/stepper.js';
import type { Stepping } from '../../src/train/stepper.js';
import { dense, host, residual } from '../train/tiny.js';
import { bytesOfRun, bytesStore, Crash, job, mortal, recipeOf } from './jobs.js';

let running = 0;

const workers: Stepping = parallelSessions({
  workers: 2,
  launch(task, ears) {
    const worker = startWorker(task);
    running++;
    worker.once('exit', () => running--);
    return threadOf(worker, ears);
  },
});

/** `told` hears of each model that training is begun with. */
const sharing = (told: (model: Model) => void = () => undefined): Host => ({
  ...host(),
  stepping(options) {
    told(options.model);
    return workers(options);
  },
});

afterEach(() => {
  expect(running).toBe(0);
});

const short = { use: 'rate', epochs: 3, batch: 16, rate: 0.05, augment: 'none', editions: 2, from: 1, ramp: 0 } as const;

const run = (model: Model, normalized: boolean, lambda: number, engines?: Host): Promise<Uint8Array> =>
  bytesOfRun({
    model,
    store: bytesStore(),
    recipe: recipeOf({ ...short, lambda, ...(normalized && { normalized: {} }) }),
    ...(engines && { host: engines }),
  });

describe('a network with batch normalizations', () => {
  test('learns by workers, and is stored in integers alone', async () => {
    const recipe = recipeOf({ ...short, epochs: 10, lambda: 1e-4, normalized: {} });
    const { decodedError, decoded } = await compressModel(job({ model: residual(), recipe, host: sharing() }));
    expect(decodedError).toBeLessThan(0.3);
    expect(decoded.graph.nodes.map((n) => n.op)).not.toContain('BatchNormalization');
  });

  test('comes out the same twice, and other than from one session, as normalizations see a shard', async () => {
    const first = await run(residual(), true, 1e-3, sharing());
    expect(Buffer.compare(await run(residual(), true, 1e-3, sharing()), first)).toBe(0);
    expect(Buffer.compare(await run(residual(), true, 1e-3), first)).not.toBe(0);
  });

  test('loses channels on the way, is cut off and taken up again, and ends with the same bytes', async () => {
    const recipe = recipeOf({ ...short, epochs: 10, rate: 0.2, lambda: 0.3, normalized: {} });
    const channels: number[] = [];
    const engines = sharing((model) => channels.push(model.graph.initializers.get('inner.weight')!.dims[0]!));
    const given = { model: residual(), recipe, host: engines };
    const store = bytesStore();
    const whole = await bytesOfRun({ ...given, store });
    expect(channels.at(-1)).toBeLessThan(channels[0]!);
    const last = (await store.load('step-000'))!.arrays;
    const broken = bytesStore();
    await expect(bytesOfRun({ ...given, store: mortal(broken, 6) })).rejects.toBeInstanceOf(Crash);
    expect(Buffer.compare(await bytesOfRun({ ...given, store: broken }), whole)).toBe(0);
    // shadow weights too: other bytes may round to the same levels
    expect((await broken.load('step-000'))!.arrays).toEqual(last);
  });

  test('cancelled, leaves no thread and a checkpoint that it goes on from', async () => {
    const recipe = recipeOf({ ...short, lambda: 1e-3, normalized: {} });
    const store = bytesStore();
    const stop = new AbortController();
    let steps = 0;
    const counting: Host = {
      ...sharing(),
      clock() {
        if (++steps === 9) stop.abort();
        return steps;
      },
    };
    await expect(bytesOfRun({ model: residual(), recipe, store, host: counting, signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted.cancelled',
    });
    expect(await store.load('inside')).toBeDefined();
    const after = await bytesOfRun({ model: residual(), recipe, store, host: sharing() });
    expect(Buffer.compare(after, await run(residual(), true, 1e-3, sharing()))).toBe(0);
  });
});

test('a network without normalizations, whose steps are short, is trained by one session whatever the workers', async () => {
  const none: Host = { ...host(), stepping: () => expect.unreachable('one session is enough') };
  expect(Buffer.compare(await run(dense(), false, 1e-3, none), await run(dense(), false, 1e-3))).toBe(0);
});
