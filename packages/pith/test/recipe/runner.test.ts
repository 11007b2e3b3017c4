/** A run that is cut off anywhere, and taken up again, ends with what an unbroken run ends with. */
import { describe, expect, test } from 'vitest';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { codeCompression } from '../../src/recipe/code.js';
import { parseRecipe, type RecipeInput } from '../../src/recipe/recipe.js';
import { type RunOptions, type RunProgress, type RunResult, runRecipe, stepName } from '../../src/recipe/runner.js';
import type { Compression } from '../../src/recipe/step.js';
import { memoryStore, type Store } from '../../src/recipe/store.js';
import { fixedPlan } from '../../src/recipe/targets.js';
import { evaluate } from '../../src/train/evaluate.js';
import { withWeights } from '../../src/train/fit.js';
import { dense, failureOf, host, stripes } from '../train/tiny.js';
import { bytesStore, Crash, mortal, recipeOf, shortRecipe } from './jobs.js';

const data = stripes();
const model = dense();

function run(store: Store, more: Partial<RunOptions> = {}, recipe: RecipeInput = shortRecipe): Promise<RunResult> {
  const outside = host();
  const measure = async (c: Compression) => {
    const found = await evaluate({
      engine: outside.engine,
      threads: 1,
      model: withWeights(c.model, c.states, c.statistics),
      split: data.test,
      preprocess: defaultPreprocess,
    });
    return { bytes: codeCompression(c, new Map()).bytes.length, error: found.error, loss: found.loss, density: 1 };
  };
  return runRecipe({
    start: { model, states: new Map(), statistics: new Map() },
    data,
    preprocess: defaultPreprocess,
    planner: fixedPlan(parseRecipe(recipe).steps),
    seed: 7,
    host: outside,
    store,
    measure,
    bytesOf: (c) => codeCompression(c, new Map()).bytes.length,
    checkpointEvery: 0,
    ...more,
  });
}

/** Everything that must not depend on when a run was cut off: all but the seconds. */
const lasting = ({ state, records, ...rest }: RunResult) => ({
  ...rest,
  records: records.map(({ seconds: _, ...record }) => record),
  bytes: [...codeCompression(state, new Map()).bytes],
});

const unbroken = lasting(await run(memoryStore()));

describe('a run', () => {
  test('measures the reference and each step', () => {
    expect(unbroken.records.map((r) => r.use)).toEqual(['prune', 'train', 'share', 'train']);
    expect(unbroken.records.map((r) => r.from)).toEqual([-1, 0, 1, 2]);
    expect(unbroken.records.map((r) => r.epochs.length)).toEqual([0, 1, 0, 1]);
    expect(unbroken.records[0]!.bytes).toBeLessThan(unbroken.reference.bytes);
    expect(unbroken.records[2]!.bytes).toBeLessThan(unbroken.records[1]!.bytes);
    expect(unbroken).toMatchObject({ chosen: 3, met: true });
  });

  test('keeps a checkpoint after each step, and inside of training, and none inside when it is over', async () => {
    const store = bytesStore();
    expect(lasting(await run(store))).toEqual(unbroken);
    expect(store.calls.filter((c) => c.startsWith('save'))).toEqual([
      'save reference',
      'save step-000',
      ...Array(3).fill('save inside'),
      'save step-001',
      'save step-002',
      ...Array(3).fill('save inside'),
      'save step-003',
    ]);
    expect(await store.load('inside')).toBeUndefined();
    expect(store.events.map((e) => e['event'])).toEqual(['reference', ...Array(4).fill(['step', 'measured']).flat()]);
  });

  test('keeps no checkpoint inside of training that is shorter than the time between two', async () => {
    const store = bytesStore();
    await run(store, { checkpointEvery: 1e9 });
    expect(store.calls).not.toContain('save inside');
  });

  test('that is finished is not run again', async () => {
    const store = bytesStore();
    await run(store);
    const before = store.calls.length;
    expect(lasting(await run(store))).toEqual(unbroken);
    expect(store.calls.length).toBe(before);
  });

  test('tells which step it is at, and never goes back', async () => {
    const seen: RunProgress[] = [];
    const records: number[] = [];
    await run(memoryStore(), { onProgress: (p) => seen.push(p), onRecord: (r) => records.push(r.index) });
    expect(seen.filter((p) => !p.fit).map((p) => `${p.index} ${p.step}`)).toEqual(['0 prune', '1 train', '2 share', '3 train']);
    const place = seen.map((p) => p.index * 1000 + (p.fit?.step ?? 0));
    expect(place).toEqual([...place].sort((a, b) => a - b));
    expect(records).toEqual([0, 1, 2, 3]);
  });

  test('with another seed has another result', async () => {
    expect(lasting(await run(memoryStore(), { seed: 8 })).bytes).not.toEqual(unbroken.bytes);
  });
});

describe('a run that is cut off', () => {
  test('after any change of the store ends as an unbroken one', async () => {
    let crashes = 0;
    for (let n = 0; ; n++) {
      const store = bytesStore();
      const error = await failureOf(() => run(mortal(store, n)));
      if (error === undefined) break;
      expect(error).toBeInstanceOf(Crash);
      crashes++;
      expect(lasting(await run(store)), `change ${n}`).toEqual(unbroken);
    }
    expect(crashes).toBeGreaterThan(18);
  });

  test('again and again, after a few changes each time, ends as an unbroken one', async () => {
    const store = bytesStore();
    let crashes = 0;
    for (;;) {
      const error = await failureOf(() => run(mortal(store, 2)));
      if (error === undefined) break;
      expect(error).toBeInstanceOf(Crash);
      expect(crashes++).toBeLessThan(60);
    }
    expect(crashes).toBeGreaterThan(3);
    expect(lasting(await run(store))).toEqual(unbroken);
  });

  test('inside of training goes on there, not at the start of the step', async () => {
    const store = bytesStore();
    const saves = ['reference', 'step-000', 'inside', 'inside'];
    let at = 0;
    const dying: Store = {
      ...store,
      save: async (name, checkpoint) => {
        expect(name).toBe(saves[at]);
        await store.save(name, checkpoint);
        if (++at === saves.length) throw new Crash();
      },
    };
    expect(await failureOf(() => run(dying))).toBeInstanceOf(Crash);
    const steps: number[] = [];
    expect(lasting(await run(store, { onProgress: (p) => p.index === 1 && p.fit && steps.push(p.fit.step) }))).toEqual(unbroken);
    expect(steps).toEqual([3]);
    expect(store.events.filter((e) => 'resumedAt' in e)).toMatchObject([{ index: 1, resumedAt: { epoch: 0, step: 2 } }]);
  });

  test('by the signal keeps where it was', async () => {
    const store = bytesStore();
    const controller = new AbortController();
    const onProgress = (p: RunProgress) => {
      if (p.index === 3 && p.fit?.step === 2) controller.abort();
    };
    const error = await failureOf(() => run(store, { signal: controller.signal, onProgress, checkpointEvery: 1e9 }));
    expect(error).toMatchObject({ code: 'interrupted.cancelled' });
    expect((await store.load('inside'))?.state).toMatchObject({ index: 3, place: { epoch: 0, step: 2 } });
    expect(lasting(await run(store))).toEqual(unbroken);
  });
});

describe('refused are', () => {
  test('a checkpoint that is gone in the middle', async () => {
    const planner: RunOptions['planner'] = (records) =>
      records.length === 0 ? { kind: 'end', chosen: 5, met: true } : { kind: 'end', chosen: 0, met: true };
    await expect(run(memoryStore(), { planner })).rejects.toMatchObject({ code: 'input.checkpoint' });
  });

  test('no steps: the result of a step that fails is its error, and what was done before is kept', async () => {
    const store = bytesStore();
    const recipe = recipeOf(...shortRecipe.steps.slice(0, 1), { use: 'train', epochs: 1, batch: 16, rate: 1e35 });
    await expect(run(store, {}, recipe)).rejects.toMatchObject({ code: 'numeric.loss' });
    expect(await store.load(stepName(0))).toBeDefined();
    expect(await store.load(stepName(1))).toBeUndefined();
  });
});
