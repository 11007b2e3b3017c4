/**
 * Other models as teachers of `--recipe rated`: they change what is learnt, are part of what a run is, and must fit. Built, as augmented
 * batches are made in a worker.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CompressOptions, compress, resume } from '../../dist/library/runs.js';
import { sha256 } from '../../src/base/hash.js';
import type { Model } from '../../src/base/tensor.js';
import { saveModel } from '../../src/onnx/file.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import type { RecipeInput } from '../../src/recipe/recipe.js';
import type { RunProgress } from '../../src/recipe/runner.js';
import { lenet300 } from '../../src/zoo/lenet-300-100.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { digits, inFolder, smallNetwork } from './support.js';

const model = smallNetwork();
/** Another architecture for the same task, or one for another. */
const other = (seed: number, classes = 10, side = 28): Model =>
  buildNetwork(
    { ...lenet300, name: 'other', build: (l, image, n) => l.full(l.flatten(image, 'flat'), { name: 'fc', out: n }) },
    { seed, classes, height: side, width: side },
  );
const given = (more: Partial<CompressOptions> = {}): CompressOptions => ({
  ...{ model, data: digits, recipe: 'rated', epochs: 2, lambda: 1e-4, threads: 1 },
  ...more,
});
const tensorsOf = async (more: Partial<CompressOptions>): Promise<string> =>
  sha256(...[...(await compress(given(more))).model.graph.initializers.values()].map(({ data }) => new Uint8Array(data.buffer)));

describe('teachers', () => {
  test('change what is learnt; the model itself for a teacher changes nothing', async () => {
    const alone = await tensorsOf({});
    expect(await tensorsOf({ teacher: [model] })).toBe(alone);
    const one = await tensorsOf({ teacher: [other(3)] });
    const two = await tensorsOf({ teacher: [other(3), other(4)] });
    expect(new Set([alone, one, two]).size).toBe(3);
    // an average does not know the order, nor how often all are named
    expect(await tensorsOf({ teacher: [other(4), other(3)] })).toBe(two);
  });

  test('teach the steps of a recipe that is data, where one of them learns from teachers', async () => {
    const rate = { use: 'rate', epochs: 2, lambda: 1e-4 } as const;
    const prune = { use: 'prune', threshold: { scope: 'global', density: 0.2 } } as const;
    const own = (step: RecipeInput['steps'][number], teacher?: Model[]) => ({
      ...{ recipe: { version: 1, name: 'own', steps: [step] } as const, lambda: undefined as never, epochs: undefined as never },
      ...(teacher && { teacher }),
    });
    const alone = await tensorsOf(own(rate));
    expect(await tensorsOf(own(rate, [model]))).toBe(alone);
    expect(await tensorsOf(own(rate, [other(3)]))).not.toBe(alone);
    await expect(tensorsOf(own(prune, [other(3)]))).rejects.toMatchObject({
      code: 'usage.recipe',
      message: expect.stringContaining('teacher'),
    });
  });

  test('are part of what a run is: another is refused in its folder, and resume takes the one that was given', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      const options = given({ teacher: [other(3)], run });
      const whole = sha256((await compress(given({ teacher: [other(3)] }))).bytes);
      const controller = new AbortController();
      const onProgress = (p: RunProgress) => {
        if (p.fit?.epoch === 1) controller.abort();
      };
      await expect(compress({ ...options, signal: controller.signal, onProgress })).rejects.toMatchObject({
        code: 'interrupted.cancelled',
      });
      for (const teacher of [[other(4)], [other(3), other(4)]])
        await expect(compress({ ...options, teacher })).rejects.toMatchObject({ code: 'usage.run-exists' });
      const done = await resume(run, { data: digits });
      expect(done.kind === 'compress' && sha256(done.result.bytes)).toBe(whole);
      await saveModel(join(run, 'teachers', '1.onnx'), other(4));
      await expect(resume(run, { data: digits })).rejects.toMatchObject({ code: 'input.run' });
    }));

  const fixedBatch = (): Model => {
    const made = other(3);
    const [input] = made.graph.inputs;
    return { ...made, graph: { ...made.graph, inputs: [{ ...input!, dims: [1, 1, 28, 28] }] } };
  };
  const broken = (): Model => {
    const made = other(3);
    made.graph.initializers.get('fc.bias')!.data[2] = Number.NaN;
    return made;
  };
  const picture = (): Model => ({
    ...model,
    metadata: new Map(),
    graph: parseGraph('g(image: float32[N,1,28,28]) -> (y: float32[N,1,28,28]) { y = Relu(image) }'),
  });

  test.each<[string, Partial<CompressOptions>, string]>([
    ['an empty list', { teacher: [] }, 'usage.teacher'],
    ['a recipe that has no teacher', { recipe: 'deep-compression', lambda: undefined as never, teacher: [other(3)] }, 'usage.recipe'],
    ['a file that is not there', { teacher: ['/nowhere/teacher.onnx'] }, 'input.file'],
    ['bytes that are no model', { teacher: [Uint8Array.of(1, 2, 3)] }, 'input.onnx-malformed'],
    ['other classes', { teacher: [other(3, 7)] }, 'input.teacher'],
    ['one of two that does not fit', { teacher: [other(3), other(3, 11)] }, 'input.teacher'],
    ['images of another size', { teacher: [other(3, 10, 14)] }, 'input.image-size'],
    ['a batch that is fixed', { teacher: [fixedBatch()] }, 'input.teacher'],
    ['outputs that are no logits', { teacher: [picture()] }, 'input.teacher'],
    ['answers that are NaN', { teacher: [broken()] }, 'numeric.teacher'],
  ])('%s: refused before a run folder is made', (_, more, code) =>
    inFolder(async (folder) => {
      await expect(compress(given({ run: join(folder, 'run'), ...more }))).rejects.toMatchObject({ code });
      expect(await readdir(folder)).toEqual([]);
    }),
  );
});
