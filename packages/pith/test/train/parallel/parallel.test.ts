/** Workers against one session: the same training within rounding, the same bits twice, typed errors and no thread left behind. */

import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { startWorker, threadOf } from '../../../dist/engine/shard-thread.js';
import { onnxruntimeNode } from '../../../src/engine/onnxruntime-node.js';
import { adam } from '../../../src/train/optimizers/adam.js';
import type { Optimizer } from '../../../src/train/optimizers/optimizer.js';
import { sgd } from '../../../src/train/optimizers/sgd.js';
import { layoutOf, sliceOf } from '../../../src/train/parallel/layout.js';
import { type Launch, parallelSessions } from '../../../src/train/parallel/stepper.js';
import { type Stepping, singleSession } from '../../../src/train/stepper.js';
import { worst } from '../../support/compare.js';
import { inputAt, model, optionsOf, startOf, train } from './support.js';

const threads: Worker[] = [];
let running = 0;

/** As `launchShard`, from the built package (a worker cannot start from TypeScript), and counted. */
const launch: Launch = (task, ears) => {
  const worker = startWorker(task);
  threads.push(worker);
  running++;
  worker.once('exit', () => running--);
  return threadOf(worker, ears);
};

const single: Stepping = singleSession({ engine: onnxruntimeNode, threads: 1 });
const parallel = (workers: number): Stepping => parallelSessions({ workers, launch });

afterEach(() => {
  threads.length = 0;
  expect(running).toBe(0);
});

const rounding = { abs: 2e-5, rel: 1e-4, because: 'six steps of float32 sums in another order; Adam divides by small numbers' };

const cases: readonly [string, Optimizer, { normalized: boolean; workers: number; clipNorm?: number }][] = [
  ['SGD, two workers', sgd(), { normalized: false, workers: 2 }],
  ['SGD with Nesterov momentum, three workers', sgd({ nesterov: true }), { normalized: false, workers: 3 }],
  ['SGD with batch normalization', sgd(), { normalized: true, workers: 2 }],
  ['SGD without momentum, clipped', sgd({ momentum: 0 }), { normalized: false, workers: 2, clipNorm: 0.05 }],
  ['Adam', adam(), { normalized: false, workers: 2 }],
  ['Adam with batch normalization, clipped', adam(), { normalized: true, workers: 2, clipNorm: 0.05 }],
  ['one worker', sgd(), { normalized: true, workers: 1 }],
];

describe('workers train as one session does', () => {
  test.each(cases)('%s', async (_, optimizer, { normalized, workers, clipNorm = 0 }) => {
    const options = optionsOf(model(normalized), optimizer, { clipNorm });
    // Batch normalization sees a shard at a time: shards with equal images have the statistics of the whole.
    const repeats = normalized ? workers : 1;
    const expected = await train(single, options, 6, repeats);
    const actual = await train(parallel(workers), options, 6, repeats);
    expect(worst(actual.losses, expected.losses, rounding)).toBeLessThanOrEqual(1);
    expect(worst(actual.logits, expected.logits, rounding)).toBeLessThanOrEqual(1);
    expect([...actual.arrays.keys()].sort()).toEqual([...expected.arrays.keys()].sort());
    for (const [name, array] of expected.arrays) expect(worst(actual.arrays.get(name)!, array, rounding), name).toBeLessThanOrEqual(1);
    expect(actual.losses[5]!).toBeLessThan(actual.losses[0]!);
  });

  test('the comparison notices another optimizer, other clipping, and shards that differ under batch normalization', async () => {
    const apart = async (a: Parameters<typeof train>, b: Parameters<typeof train>) =>
      worst((await train(...a)).losses, (await train(...b)).losses, rounding);
    const plain = optionsOf(model(false), sgd());
    expect(await apart([single, plain, 3], [parallel(2), { ...plain, optimizer: sgd({ nesterov: true }) }, 3])).toBeGreaterThan(1);
    expect(await apart([single, plain, 3], [parallel(2), { ...plain, clipNorm: 0.05 }, 3])).toBeGreaterThan(1);
    const normalized = optionsOf(model(true), sgd());
    expect(await apart([single, normalized, 3], [parallel(2), normalized, 3])).toBeGreaterThan(1);
  });

  test('the same twice, bit for bit', async () => {
    const options = optionsOf(model(true), adam());
    expect(await train(parallel(3), options, 5)).toEqual(await train(parallel(3), options, 5));
  });
});

describe('refusals and failures', () => {
  const options = optionsOf(model(false), sgd());
  const open = (workers: number, given = options) => parallel(workers)(given).open(startOf(given.model));

  test.each([0, -1, 1.5, 65, Number.NaN])('%s workers are refused', (workers) => {
    expect(() => parallel(workers)).toThrow(expect.objectContaining({ code: 'usage.workers' }));
  });

  test('a batch that workers cannot share evenly is refused', () => {
    expect(() => parallel(5)(options)).toThrow(expect.objectContaining({ code: 'usage.workers' }));
  });

  test('a loss that is no number', async () => {
    const stepper = await open(2);
    const input = inputAt(0, options.optimizer);
    input.images.fill(Number.NaN);
    await expect(stepper.step(input)).rejects.toMatchObject({ code: 'numeric.loss' });
    await stepper.close();
  });

  test('what the engine refuses comes out with its code, and the other workers end', async () => {
    const broken: Launch = ({ program, ...task }, ears) =>
      launch({ ...task, program: task.shard === 1 ? { ...program, imageDims: [12, 1, 8, 16] } : program }, ears);
    const stepper = await parallelSessions({ workers: 2, launch: broken })(options).open(startOf(options.model));
    await expect(stepper.step(inputAt(0, options.optimizer))).rejects.toMatchObject({ code: 'input.engine-run' });
    await expect(stepper.step(inputAt(0, options.optimizer))).rejects.toMatchObject({ code: 'input.engine-run' });
    await stepper.close();
  });

  test('a graph that the engine does not open', async () => {
    const broken: Launch = ({ program, ...task }, ears) =>
      launch({ ...task, program: { ...program, update: { ...program.update, opsets: new Map([['', 9999]]) } } }, ears);
    const opening = parallelSessions({ workers: 2, launch: broken })(options).open(startOf(options.model));
    await expect(opening).rejects.toMatchObject({ code: 'input.engine-open' });
  });

  test('a worker that is killed between steps', async () => {
    const stepper = await open(2);
    await stepper.step(inputAt(0, options.optimizer));
    await threads[1]!.terminate();
    await expect(stepper.step(inputAt(1, options.optimizer))).rejects.toMatchObject({ code: 'bug.worker' });
    await stepper.close();
  });

  test('a worker that dies during a step, while the other waits for it', async () => {
    let fated: Worker | undefined;
    const mortal: Launch = (task, ears) => {
      if (task.shard === 0) return launch(task, ears);
      const untilTold = `const { parentPort: port } = require('node:worker_threads');
        port.on('message', () => process.exit(3));
        port.postMessage({ kind: 'ready' });`;
      fated = new Worker(untilTold, { eval: true });
      return threadOf(fated, ears);
    };
    const stepper = await parallelSessions({ workers: 2, launch: mortal })(options).open(startOf(options.model));
    const step = stepper.step(inputAt(0, options.optimizer));
    fated!.postMessage('now');
    await expect(step).rejects.toMatchObject({ code: 'bug.worker' });
    await stepper.close();
  });

  test('a stepper that is closed', async () => {
    const stepper = await open(2);
    await stepper.close();
    await stepper.close();
    await expect(stepper.step(inputAt(0, options.optimizer))).rejects.toMatchObject({ code: 'usage.closed' });
  });
});

describe('the layout', () => {
  const arrays = [
    { name: 'a', dims: [3, 5], decays: true, rateFactor: 1 },
    { name: 'b', dims: [7], decays: false, rateFactor: 1 },
    { name: 'c', dims: [40], decays: true, rateFactor: 1 },
    { name: 'd', dims: [], decays: false, rateFactor: 1 },
    { name: 'e', dims: [9], decays: true, rateFactor: 0.25 },
    { name: 'f', dims: [2], decays: false, rateFactor: 0.25 },
  ];

  test.each([1, 2, 3, 7])('slices of %s shards cover every array once', (shards) => {
    const layout = layoutOf(arrays, shards);
    const covered = new Int32Array(layout.size);
    for (const group of layout.groups)
      for (let shard = 0; shard < shards; shard++) {
        const { at, size } = sliceOf(group, shard, shards);
        for (let i = at; i < at + size; i++) covered[i]!++;
      }
    expect(covered.every((n) => n === 1)).toBe(true);
    expect(new Set(layout.groups.map((g) => g.name)).size).toBe(4);
    const owner = new Map<number, string>();
    for (const { name, at, size } of layout.pieces)
      for (let i = at; i < at + size; i++) {
        expect(owner.has(i)).toBe(false);
        owner.set(i, name);
      }
    expect(owner.size).toBe(15 + 7 + 40 + 1 + 9 + 2);
    for (const { name, at } of layout.pieces) {
      const group = layout.groups.find((g) => at >= g.at && at < g.at + g.size)!;
      const { decays, rateFactor } = arrays.find((a) => a.name === name)!;
      expect(group).toMatchObject({ decays, rateFactor });
    }
  });
});
