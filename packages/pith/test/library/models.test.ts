/** Model files by path, bytes or in memory: what is opened, what is refused and how; and what evaluate, inspect and doctor say of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { sha256 } from '../../src/base/hash.js';
import type { Model } from '../../src/base/tensor.js';
import { doctor } from '../../src/library/doctor.js';
import { evaluate } from '../../src/library/evaluate.js';
import { inspect } from '../../src/library/inspect.js';
import { openModel } from '../../src/library/model-source.js';
import { decode, loadModel } from '../../src/library/models.js';
import { compress } from '../../src/library/runs.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { failureOf, normalized } from '../train/tiny.js';
import { digits, inFolder, recipe, smallNetwork } from './support.js';

const model = smallNetwork();
const onnx = writeOnnx(model);
const { bytes: pith } = await compress({ model, data: digits, recipe, threads: 1 });
const withGraph = (text: string): Model => ({ ...model, metadata: new Map(), graph: parseGraph(text) });

/** No operator of pith's, but one of ONNX Runtime's. */
const strange = withGraph(`strange(image: float32[N,1,28,28]) -> (logits: float32[N,10]) {
  init w: float32[10,784] = [${Array.from({ length: 7840 }, (_, i) => ((i * 37) % 101) / 1000 - 0.05)}]
  f = Flatten(image)
  h = Selu(f)
  logits = Gemm(h, w) { transB = 1 }
}`);

describe('a model', () => {
  test('is opened from a path, from bytes and from memory, as ONNX and as .pith', () =>
    inFolder(async (folder) => {
      for (const [name, bytes, format] of [
        ['a.onnx', onnx, 'onnx'],
        ['b.pith', pith, 'pith'],
        ['no-extension', pith, 'pith'],
      ] as const) {
        const path = join(folder, name);
        await writeFile(path, bytes);
        for (const source of [path, bytes])
          expect(await openModel(source)).toMatchObject({ format, hash: sha256(bytes), bytes: bytes.length, name: 'small' });
      }
      expect((await openModel(model)).model).toBe(model);
      expect((await openModel(model)).hash).toBe(sha256(onnx));
      expect(await loadModel(onnx)).toEqual(model);
      expect(await loadModel(await decode(pith))).toEqual(await loadModel(pith));
    }));

  test('is named by its metadata, else by its file', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'my net.onnx');
      await writeFile(path, writeOnnx({ ...model, metadata: new Map() }));
      expect((await openModel(path)).name).toBe('my net');
    }));

  test.each<[string, (folder: string) => Promise<string>, string]>([
    ['is not there', async (folder) => join(folder, 'nothing.onnx'), 'no such file'],
    [
      'is a folder',
      async (folder) => {
        await mkdir(join(folder, 'folder.onnx'));
        return join(folder, 'folder.onnx');
      },
      'a folder',
    ],
  ])('whose file %s is refused', (_, make, got) =>
    inFolder(async (folder) => {
      const file = await make(folder);
      await expect(openModel(file)).rejects.toMatchObject({ code: 'input.file', detail: { at: { file }, got } });
    }),
  );

  test.each<[string, Uint8Array]>([
    ['empty', new Uint8Array()],
    ['HTML', new TextEncoder().encode('<!doctype html><html><body>Not found</body></html>')],
    ['a truncated ONNX file', onnx.subarray(0, onnx.length - 100)],
    ['a .pith file cut in two', pith.subarray(0, pith.length / 2)],
    ['nothing but the signature of .pith', pith.subarray(0, 4)],
    ['zeros', new Uint8Array(1000)],
  ])('whose file is %s is refused with the place', (_, bytes) =>
    inFolder(async (folder) => {
      const file = join(folder, 'model.onnx');
      await writeFile(file, bytes);
      for (const call of [openModel, inspect, doctor, decode]) {
        const error = await failureOf(() => call(file));
        expect(error).toBeInstanceOf(PithError);
        expect(error).toMatchObject({ kind: 'input', detail: { at: { file } } });
      }
      const error = await failureOf(() => openModel(bytes));
      expect(error).toMatchObject({ kind: 'input' });
    }),
  );

  test('cut anywhere is refused, whichever form it has', async () => {
    for (const bytes of [onnx, pith])
      for (let percent = 0; percent < 100; percent++) {
        const error = await failureOf(() => openModel(bytes.subarray(0, Math.floor((bytes.length * percent) / 100))));
        expect(error, `${percent} %`).toBeInstanceOf(PithError);
        expect((error as PithError).kind).not.toBe('bug');
      }
  });

  test('that makes no sense is refused: a name that nothing gives, a cycle, the same name twice', async () => {
    const broken = [
      ['g(x: float32[N,2]) -> (y: float32[N,2]) { y = Relu(z) }', 'input.missing-value'],
      ['g(x: float32[N,2]) -> (y: float32[N,2]) { y = Relu(z)\n z = Relu(y) }', 'input.cycle'],
      ['g(x: float32[N,2]) -> (y: float32[N,2]) { y = Relu(x)\n y = Neg(x) }', 'input.duplicate-name'],
    ] as const;
    for (const [text, code] of broken) await expect(openModel(withGraph(text))).rejects.toMatchObject({ code });
  });
});

describe('evaluate', () => {
  test('gives the same errors for a .pith file by ONNX Runtime and by pith-runtime', async () => {
    const [a, b] = [await evaluate({ model: pith, data: digits }), await evaluate({ model: pith, data: digits, engine: 'pith' })];
    expect(a).toMatchObject({ format: 'pith', bytes: pith.length, count: 60 });
    expect(b.confusion).toEqual(a.confusion);
    expect(b.loss).toBeCloseTo(a.loss, 5); // sums of 784 float32 products in another order
    expect(a.seconds).toBeGreaterThan(0);
  });

  test('is told how pixels become numbers by the model, or by the call', async () => {
    const told = await evaluate({ model: { ...model, metadata: new Map([['pith.scale', '1']]) }, data: digits });
    const said = await evaluate({ model, data: digits, preprocess: { scale: 1 } });
    expect(told.loss).toBe(said.loss);
    expect(told.loss).not.toBe((await evaluate({ model, data: digits })).loss);
  });

  test.each<[string, object, string]>([
    ['an unknown option', { modle: 1 }, 'usage.option'],
    ['images of another layout', { preprocess: { layout: 'flat' } }, 'input.image-size'],
    ['metadata that make no sense', { model: { ...model, metadata: new Map([['pith.scale', 'many']]) } }, 'input.preprocess'],
    ['data that are not there', { data: '/nowhere' }, 'input.file-missing'],
  ])('refuses %s', async (_, more, code) => {
    await expect(evaluate({ model, data: digits, ...more })).rejects.toMatchObject({ code });
  });
});

describe('inspect', () => {
  test('says of an ONNX file what it holds', async () => {
    const found = await inspect(onnx);
    expect(found).toMatchObject({
      format: 'onnx',
      network: 'small',
      bytes: onnx.length,
      opset: 17,
      totals: { parameters: 9550, multiplyAdds: 784 * 12 + 120 },
    });
    expect(found.layers.map((l) => [l.name, l.parametrization, l.parameters, l.bytes, l.multiplyAdds])).toEqual([
      ['fc1.weight', 'dense', 9408, 4 * 9408, 9408],
      ['fc1.bias', 'dense', 12, 48, undefined],
      ['fc2.weight', 'dense', 120, 480, 120],
      ['fc2.bias', 'dense', 10, 40, undefined],
    ]);
    expect(found.layers.every((l) => l.bitsPerWeight === 32)).toBe(true);
  });

  test('says of a .pith file what each layer takes, which adds up to the file', async () => {
    const found = await inspect(pith);
    const fc1 = found.layers.find((l) => l.name === 'fc1.weight')!;
    expect(fc1).toMatchObject({ parametrization: 'shared', dims: [12, 784] });
    expect(fc1.density).toBeCloseTo(0.2, 1);
    expect(fc1.bytes).toBeLessThan(fc1.uncoded);
    expect(fc1.bitsPerWeight).toBeCloseTo((8 * fc1.bytes) / 9408, 10);
    expect(found.sections.reduce((sum, s) => sum + s.bytes, 0)).toBe(pith.length);
    expect(found.layers.reduce((sum, l) => sum + l.share, 0)).toBeLessThan(1);
    expect(new Map(found.metadata).get('seed')).toBe('7');
  });

  test('has no multiply-adds for a model with an unknown operator, and the rest', async () => {
    const found = await inspect(strange);
    expect(found.totals).toEqual({ parameters: 7840, density: expect.any(Number), uncoded: 31_360, weightBytes: 31_360 });
    expect(found.layers[0]).not.toHaveProperty('multiplyAdds');
  });
});

describe('doctor', () => {
  test('finds nothing wrong with what pith builds', async () => {
    const found = await doctor(normalized());
    expect(found).toMatchObject({ train: true, run: true });
    expect(found.operators.map((o) => [o.op, o.count])).toEqual([
      ['BatchNormalization', 1],
      ['Conv', 1],
      ['Flatten', 1],
      ['Gemm', 1],
      ['Identity', 1],
      ['Relu', 1],
    ]);
    expect(found.operators.filter((o) => o.prune === true).map((o) => o.op)).toEqual(['Conv', 'Gemm']);
  });

  test('names each operator that pith cannot train through or run, with the reason', async () => {
    const found = await doctor(
      withGraph('g(x: float32[N,2]) -> (y: float32[N,2]) { a = Selu(x)\n b = com.example::Twist(a)\n y = Selu(b) }'),
    );
    expect(found.operators.map((o) => [o.op, o.count])).toEqual([
      ['Selu', 2],
      ['com.example.Twist', 1],
    ]);
    for (const o of found.operators)
      for (const verdict of [o.train, o.prune, o.run]) expect(verdict).toEqual({ no: expect.stringMatching(/\w/) });
    expect(found.train).not.toBe(true);
    expect(found.run).toMatchObject({ no: expect.stringContaining('Selu, com.example.Twist') });
  });

  test('says what its verdict on training means: a model without weights, an operator without a gradient', async () => {
    expect((await doctor(withGraph('g(x: float32[N,2]) -> (y: float32[N,2]) { y = Relu(x) }'))).train).toMatchObject({
      no: expect.stringContaining('weights'),
    });
    expect((await doctor(strange)).train).toMatchObject({ no: expect.stringContaining('Selu') });
  });
});

test('a model with an operator that pith does not know can be pruned, shared and coded; training through it is refused by name', async () => {
  const coded = await compress({
    model: strange,
    data: digits,
    recipe: { ...recipe, steps: [recipe.steps[1]!, recipe.steps[3]!] },
    threads: 1,
  });
  expect(coded.bytes.length).toBeLessThan(31_360 / 10);
  expect(coded.report.error.decoded).toBe(coded.report.error.compressed);
  const refused = compress({ model: strange, data: digits, recipe: { ...recipe, steps: recipe.steps.slice(0, 1) }, threads: 1 });
  await expect(refused).rejects.toMatchObject({ kind: 'unsupported', detail: { at: { op: 'Selu' } } });
});
