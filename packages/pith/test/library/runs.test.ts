/** The library's calls with and without a run folder: what is written, what is taken up again, what is refused. */
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import type { Model } from '../../src/base/tensor.js';
import { bench } from '../../src/library/bench.js';
import { compare } from '../../src/library/compare/compare.js';
import { evaluate } from '../../src/library/evaluate.js';
import { infer } from '../../src/library/infer.js';
import { runReport } from '../../src/library/run-report.js';
import { type CompressOptions, compress, resume, type TrainOptions, train } from '../../src/library/runs.js';
import { squeeze } from '../../src/library/squeeze.js';
import { verify } from '../../src/library/verify.js';
import { loadModel, saveModel } from '../../src/onnx/file.js';
import type { RunProgress } from '../../src/recipe/runner.js';
import { digits, inFolder, recipe, smallNetwork, writeIdx } from './support.js';

const model = smallNetwork();
const given = (more: Partial<CompressOptions> = {}): CompressOptions => ({ model, data: digits, recipe, threads: 1, ...more });
const plan: TrainOptions['plan'] = { epochs: 2, batch: 40, rate: 0.05 };
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const unbroken = await compress(given());
const hash = sha256(unbroken.bytes);

describe('compress', () => {
  test('gives file, model and report', async () => {
    const { bytes, model: decoded, report, met, reportFile } = unbroken;
    expect([met, reportFile]).toEqual([true, undefined]);
    expect(report).toMatchObject({
      network: 'small',
      seed: 7,
      fileHash: hash,
      parameters: 9550,
      bytes: { file: bytes.length, original: 4 * 9550 },
    });
    expect(report.error.decoded).toBe(report.error.compressed);
    expect(report.bytes.shared).toBeLessThan(report.bytes.pruned);
    expect(report.layers.map((l) => [l.name, l.centroids])).toEqual([
      ['fc1.weight', 8],
      ['fc1.bias', 0],
      ['fc2.weight', 8],
      ['fc2.bias', 0],
    ]);
    expect((await evaluate({ model: bytes, data: digits })).error).toBe(report.error.decoded);
    expect((await evaluate({ model: decoded, data: digits })).error).toBe(report.error.decoded);
  });

  test('writes the file, and a run folder with model, log, checkpoints and report', () =>
    inFolder(async (folder) => {
      const [output, run] = [join(folder, 'small.pith'), join(folder, 'run')];
      const told: string[] = [];
      const { bytes, reportFile } = await compress(given({ output, run, onRun: (path) => told.push(path) }));
      expect(told).toEqual([run]);
      expect(sha256(bytes)).toBe(hash);
      expect(sha256(await readFile(output))).toBe(hash);
      expect((await readdir(run)).sort()).toEqual([
        'checkpoints',
        'events.ndjson',
        'model.onnx',
        'model.pith',
        'report.html',
        'report.json',
        'run.json',
      ]);
      expect(reportFile).toBe(join(run, 'report.html'));
      const events = (await readFile(join(run, 'events.ndjson'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string });
      expect(events.map((e) => e.event)).toEqual(['reference', ...Array(5).fill(['step', 'measured']).flat(), 'finished']);
      expect(events.at(-1)).toMatchObject({ fileHash: hash, met: true });
      const again = await runReport(run);
      expect(again.report.fileHash).toBe(hash);
    }));

  test('in the folder of the same job takes it up; with another job is refused, and nothing is touched', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      await compress(given({ run }));
      const progress: RunProgress[] = [];
      expect(sha256((await compress(given({ run, command: 'other words', onProgress: (p) => progress.push(p) }))).bytes)).toBe(hash);
      expect(progress).toEqual([]);
      const before = await readFile(join(run, 'run.json'), 'utf8');
      await expect(compress(given({ run, seed: 8 }))).rejects.toMatchObject({ code: 'usage.run-exists' });
      expect(await readFile(join(run, 'run.json'), 'utf8')).toBe(before);
      expect(sha256((await compress(given({ run }))).bytes)).toBe(hash);
    }));

  test('beside an output makes OUTPUT.run, takes the same job up, and finds another name for another one', () =>
    inFolder(async (folder) => {
      const beside = join(folder, 'small.pith');
      const runs: string[] = [];
      const onRun = (path: string) => runs.push(path);
      await mkdir(join(folder, 'small.pith.run'));
      await writeFile(join(folder, 'small.pith.run', 'notes.txt'), 'precious');
      await compress(given({ run: { beside }, onRun }));
      await compress(given({ run: { beside }, onRun }));
      await compress(given({ run: { beside }, onRun, seed: 8 }));
      expect(runs.map((path) => path.slice(folder.length + 1))).toEqual(['small.pith-2.run', 'small.pith-2.run', 'small.pith-3.run']);
      expect(await readdir(join(folder, 'small.pith.run'))).toEqual(['notes.txt']);
    }));

  test('by the signal ends with a run that goes on to the same file', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      const controller = new AbortController();
      const onProgress = (p: RunProgress) => {
        if (p.index === 2 && p.fit?.step === 3) controller.abort();
      };
      await expect(compress(given({ run, signal: controller.signal, onProgress }))).rejects.toMatchObject({
        code: 'interrupted.cancelled',
      });
      expect(await readdir(join(run, 'checkpoints'))).toContain('inside.safetensors');
      const seen: RunProgress[] = [];
      const done = await resume(run, { data: digits, onProgress: (p) => seen.push(p) });
      expect(done.kind === 'compress' && sha256(done.result.bytes)).toBe(hash);
      expect(seen.find((p) => p.fit)).toMatchObject({ index: 2, fit: { step: 4 } });
    }));

  test.each<[string, Partial<CompressOptions>, object]>([
    ['an unknown option', { densty: 0.1 } as never, { code: 'usage.option', detail: { at: { option: 'densty' } } }],
    ['an unknown recipe', { recipe: 'shallow' }, { code: 'usage.recipe' }],
    ['a recipe that is none', { recipe: 42 as never }, { code: 'usage.recipe' }],
    ['a wrong setting of a recipe', { recipe: { ...recipe, steps: [{ use: 'share', bits: 99 }] } }, { code: 'usage.recipe' }],
    ['a density above 1', { recipe: 'deep-compression', density: 2 }, { code: 'usage.density' }],
    ['a negative size', { recipe: 'deep-compression', maxSize: -1 }, { code: 'usage.target' }],
    ['a seed that is no number', { seed: Number.NaN }, { code: 'usage.option', detail: { at: { option: 'seed' } } }],
    ['half a thread', { threads: 0.5 }, { code: 'usage.option', detail: { at: { option: 'threads' } } }],
    ['a signal that is none', { signal: 3 as never }, { code: 'usage.option', detail: { at: { option: 'signal' } } }],
    ['progress for nobody', { onProgress: 'log' as never }, { code: 'usage.option', detail: { at: { option: 'onProgress' } } }],
    ['an output that is no path', { output: 3 as never }, { code: 'usage.option', detail: { at: { option: 'output' } } }],
    ['a size in words', { recipe: 'rated', maxSize: '2000' as never }, { code: 'usage.target', detail: { got: '"2000"' } }],
    ['a drop in words', { recipe: 'rated', maxDrop: '1' as never }, { code: 'usage.target' }],
    ['a density in words', { recipe: 'deep-compression', density: '0.5' as never }, { code: 'usage.density', detail: { got: '"0.5"' } }],
    ['λ in words', { recipe: 'rated', lambda: '1e-4' as never }, { code: 'usage.rate', detail: { got: '"1e-4"' } }],
    ['λ in words on a ladder', { recipe: 'rated', frontier: ['1e-6', '1e-5'] as never }, { code: 'usage.frontier' }],
    ['no epochs', { recipe: 'rated', epochs: 0 }, { code: 'usage.option', detail: { at: { option: 'epochs' } } }],
    ['half an epoch', { recipe: 'deep-compression', epochs: 0.5 }, { code: 'usage.option', detail: { at: { option: 'epochs' } } }],
    ['one teacher that is no list', { recipe: 'rated', teacher: 'a.onnx' as never }, { code: 'usage.teacher' }],
    [
      'a teacher that is no model',
      { recipe: 'rated', teacher: [3] as never },
      { code: 'usage.option', detail: { at: { option: 'teacher' } } },
    ],
    ['a model that is none', { model: 3 as never }, { code: 'usage.option', detail: { at: { option: 'model' }, got: '3' } }],
    ['no model', { model: undefined as never }, { code: 'usage.option', detail: { at: { option: 'model' } } }],
    ['data that are none', { data: {} as never }, { code: 'usage.option', detail: { at: { option: 'data' }, got: 'an object' } }],
    ['a model file that is not there', { model: '/nowhere/model.onnx' }, { code: 'input.file' }],
    ['data that are not there', { data: '/nowhere' }, { code: 'input.file-missing' }],
    ['images of another size', { preprocess: { layout: 'flat' } }, { code: 'input.image-size' }],
  ])('refuses %s before a run folder is made', (_, more, error) =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      await expect(compress(given({ run, ...more }))).rejects.toMatchObject(error);
      expect(await exists(run)).toBe(false);
    }),
  );

  test('refuses options that are no object, in every call', async () => {
    for (const call of [compress, train, squeeze, verify, evaluate, infer, bench, compare])
      for (const none of [undefined, null, 'model.onnx'])
        await expect((call as (options: unknown) => Promise<unknown>)(none), `${call.name} ${none}`).rejects.toMatchObject({
          code: 'usage.option',
        });
    await expect(resume(3 as never)).rejects.toMatchObject({ code: 'usage.option' });
  });

  test('refuses weights that are NaN, with the tensor', async () => {
    const initializers = new Map(model.graph.initializers);
    initializers.set('fc2.bias', { dtype: 'float32', dims: [10], data: new Float32Array(10).fill(Number.NaN) });
    const broken: Model = { ...model, graph: { ...model.graph, initializers } };
    await expect(compress(given({ model: broken }))).rejects.toMatchObject({
      code: 'numeric.weight',
      detail: { at: { tensor: 'fc2.bias' } },
    });
  });

  test('keeps the result in the run folder where the output cannot be written', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      await expect(compress(given({ run, output: join(folder, 'no', 'folder.pith') }))).rejects.toMatchObject({ code: 'output.folder' });
      expect(sha256(await readFile(join(run, 'model.pith')))).toBe(hash);
    }));
});

describe('train', () => {
  test('trains a network from fresh weights, and again to the same bits; another seed is another network', async () => {
    const first = await train({ model: 'lenet-300-100', data: digits, plan: { ...plan, epochs: 1 }, threads: 1 });
    const second = await train({ model: 'lenet-300-100', data: digits, plan: { ...plan, epochs: 1 }, threads: 1 });
    const third = await train({ model: 'lenet-300-100', data: digits, plan: { ...plan, epochs: 1 }, threads: 1, seed: 8 });
    expect(second.model).toEqual(first.model);
    expect(third.model.graph.initializers).not.toEqual(first.model.graph.initializers);
    expect(first.error.after).toBeLessThan(first.error.before);
  });

  test('trains a model further; its file says how pixels become numbers', () =>
    inFolder(async (folder) => {
      const [input, output] = [join(folder, 'small.onnx'), join(folder, 'trained.onnx')];
      await saveModel(input, model);
      const { error } = await train({ model: input, data: digits, plan, output, preprocess: { mean: [0.5] }, threads: 1 });
      const trained = await loadModel(output);
      expect(Object.fromEntries(trained.metadata)).toMatchObject({ 'pith.mean': '0.5', 'pith.layout': 'chw', 'pith.network': 'small' });
      expect((await evaluate({ model: output, data: digits })).error).toBe(error.after);
      expect(trained.graph.nodes).toEqual(model.graph.nodes);
    }));

  test('ends by the signal, and goes on to the same weights', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      const whole = await train({ model, data: digits, plan, threads: 1 });
      const controller = new AbortController();
      const onProgress = (p: RunProgress) => {
        if (p.fit?.epoch === 1 && p.fit.step === 2) controller.abort();
      };
      const cut = train({ model, data: digits, plan, threads: 1, run, signal: controller.signal, onProgress });
      await expect(cut).rejects.toMatchObject({ code: 'interrupted.cancelled' });
      const done = await resume(run, { data: digits });
      expect(done.kind === 'train' && done.result.model).toEqual(whole.model);
      await expect(runReport(run)).rejects.toMatchObject({ code: 'input.run' });
    }));

  test.each<[string, Partial<TrainOptions>, string]>([
    ['an unknown network', { model: 'lenet-6' }, 'usage.network'],
    ['an unknown option', { epochs: 3 } as never, 'usage.option'],
    ['an unknown setting', { plan: { ...plan, epoch: 3 } as never }, 'usage.recipe'],
    ['an unknown augmentation', { plan: { ...plan, augment: 'twist' } }, 'usage.recipe'],
    ['a rate of 0', { plan: { ...plan, rate: 0 } }, 'usage.recipe'],
  ])('refuses %s before a run folder is made', (_, more, code) =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      await expect(train({ model, data: digits, plan, run, ...more })).rejects.toMatchObject({ code });
      expect(await exists(run)).toBe(false);
    }),
  );
});

describe('resume', () => {
  const begun = async (folder: string): Promise<{ run: string; data: string }> => {
    const [run, data] = [join(folder, 'run'), join(folder, 'data')];
    await mkdir(data);
    await writeIdx(data);
    await compress(given({ run, data }));
    return { run, data };
  };

  test('reads the data from where they were, or from where they are now', () =>
    inFolder(async (folder) => {
      const { run, data } = await begun(folder);
      const other = join(folder, 'moved');
      await mkdir(other);
      await writeIdx(other);
      for (const options of [{}, { data: other }, { data: digits }]) {
        const done = await resume(run, options);
        expect(done.kind === 'compress' && sha256(done.result.bytes)).toBe(hash);
      }
      expect((await readFile(join(data, 'train-labels-idx1-ubyte'))).length).toBe(208);
    }));

  test('refuses data that have changed', () =>
    inFolder(async (folder) => {
      const { run, data } = await begun(folder);
      const images = join(data, 't10k-images-idx3-ubyte');
      const bytes = await readFile(images);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(images, bytes);
      await expect(resume(run)).rejects.toMatchObject({ code: 'input.run-data' });
      await expect(resume(run, { data: digits })).resolves.toBeDefined();
    }));

  test('refuses a folder without a run, a run.json that is none, unknown options, and a run in memory without its data', () =>
    inFolder(async (folder) => {
      await expect(resume(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'input.run' });
      const run = join(folder, 'run');
      await compress(given({ run, recipe: { ...recipe, steps: recipe.steps.slice(1, 2) } }));
      await expect(resume(run)).rejects.toMatchObject({ code: 'usage.resume' });
      await expect(resume(run, { seed: 9 } as never)).rejects.toMatchObject({ code: 'usage.option' });
      const file = join(run, 'run.json');
      const job = JSON.parse(await readFile(file, 'utf8')) as object;
      for (const wrong of [{ ...job, pithRun: 2 }, { ...job, seed: 'x' }, { ...job, more: 1 }, [], null]) {
        await writeFile(file, JSON.stringify(wrong));
        await expect(resume(run, { data: digits })).rejects.toMatchObject({ code: 'input.run', detail: { at: { file } } });
      }
    }));

  test('refuses a damaged checkpoint with its place', () =>
    inFolder(async (folder) => {
      const run = join(folder, 'run');
      await compress(given({ run }));
      const file = join(run, 'checkpoints', 'step-003.safetensors');
      const bytes = await readFile(file);
      bytes[bytes.length - 2]! ^= 4;
      await writeFile(file, bytes);
      await expect(resume(run, { data: digits })).rejects.toMatchObject({ code: 'input.checkpoint', detail: { at: { file } } });
    }));
});
