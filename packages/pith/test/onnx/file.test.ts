import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { tensorField as T } from 'pith-runtime/onnx';
import { afterAll, describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { loadModel, saveModel } from '../../src/onnx/file.js';
import { splitOnnx, writeOnnx } from '../../src/onnx/write.js';
import { models, parsed, samples, withTensor } from './samples.js';

const root = mkdtempSync(join(tmpdir(), 'pith-onnx-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'model');
mkdirSync(join(folder, 'sub'), { recursive: true });
const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
writeFileSync(join(root, 'secret.bin'), data);
writeFileSync(join(folder, 'w.bin'), data);
writeFileSync(join(folder, 'sub', 'w.bin'), data);
symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
symlinkSync(root, join(folder, 'up'));
writeFileSync(join(root, 'twin.bin'), data);
linkSync(join(root, 'twin.bin'), join(folder, 'hard.bin'));

async function load(entries: Record<string, string>, count = 2): Promise<readonly number[] | string> {
  const path = join(folder, 'model.onnx');
  writeFileSync(
    path,
    withTensor((t) => {
      t.ints(T.dims, [count]);
      t.int(T.dataType, 1);
      for (const [key, value] of Object.entries(entries))
        t.message(T.externalData, (m) => {
          m.text(1, key);
          m.text(2, value);
        });
      t.int(T.dataLocation, 1);
    }),
  );
  try {
    return [...((await loadModel(path)).graph.initializers.get('t')!.data as Float32Array)];
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    expect(error.detail.at?.file).toContain(folder);
    return `${error.code}: ${error.detail.got}`;
  }
}

describe('external data', () => {
  test('is read from the folder of the model', async () => {
    expect(await load({ location: 'w.bin' })).toEqual([1, 2]);
    expect(await load({ location: 'w.bin', offset: '8', length: '8' })).toEqual([3, 4]);
    expect(await load({ location: 'sub/w.bin', offset: '4' }, 3)).toEqual([2, 3, 4]);
    expect(await load({ location: './w.bin' })).toEqual([1, 2]);
  });

  for (const [what, entries, got] of [
    ['a path upwards', { location: '../secret.bin' }, 'a path with ".."'],
    ['a path upwards in the middle', { location: 'sub/../../secret.bin' }, 'a path with ".."'],
    ['a path upwards with backslashes', { location: '..\\secret.bin' }, 'a path with ".."'],
    ['an absolute path', { location: '/etc/hostname' }, 'an absolute path'],
    ['a drive', { location: 'C:\\secret.bin' }, 'an absolute path'],
    ['a path with a zero byte', { location: 'w.bin\0' }, 'a path with a zero byte'],
    ['a link', { location: 'link.bin' }, 'a link'],
    ['a folder that is a link', { location: 'up/secret.bin' }, 'a link'],
    ['a hard link', { location: 'hard.bin' }, 'one of several links to a file'],
    ['a file that is not there', { location: 'none.bin' }, 'none there'],
    ['a folder', { location: 'sub' }, 'a folder'],
    ['a range beyond the end', { location: 'w.bin', offset: '12' }, 'a file of 16 bytes'],
    ['an offset beyond 2^53', { location: 'w.bin', offset: '9999999999999999' }, '"9999999999999999"'],
  ] as const)
    test(`refuses ${what}`, async () => expect(await load(entries)).toMatch(new RegExp(`^input\\.[a-z-]+: ${got.replaceAll('.', '\\.')}`)));
});

describe('files', () => {
  test('a model that was saved is the one that is loaded', async () => {
    const path = join(root, 'saved.onnx');
    await saveModel(path, models['network']!);
    expect(writeOnnx(await loadModel(path))).toEqual(samples['network']);
    expect(readdirSync(root).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  for (const [what, path, code] of [
    ['a missing file', join(root, 'none.onnx'), 'input.file'],
    ['a folder', folder, 'input.file'],
    ['a device', '/dev/zero', 'input.file'],
  ] as const)
    test(`refuses ${what}`, async () => {
      await expect(loadModel(path)).rejects.toMatchObject({ code });
    });

  test('refuses a file above the limit before reading it', async () => {
    const path = join(root, 'large.onnx');
    writeFileSync(path, new Uint8Array(1000));
    await expect(loadModel(path, { limits: { bytes: 999 } })).rejects.toMatchObject({ code: 'limit.bytes' });
  });
});

test('a model with its data beside it is the one that was split, and ONNX Runtime takes it', async () => {
  const numbers = Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i));
  const graph = parsed(
    'g(x: float32[N,32]) -> (y: float32[N,32]) { init b: float32[1] = [2] h = MatMul(x, w) k = MatMul(h, v) y = Add(k, b) }',
  ).graph;
  const tensor = (data: Float32Array) => ({ dtype: 'float32' as const, dims: [32, 32], data });
  const initializers = new Map([...graph.initializers, ['w', tensor(numbers)], ['v', tensor(numbers.map((v) => -v))]]);
  const model = { ...parsed('g() -> () { }'), graph: { ...graph, initializers } };
  const split = splitOnnx(model, 'split.data');
  const path = join(root, 'split.onnx');
  writeFileSync(path, Buffer.concat(split.model));
  writeFileSync(join(root, 'split.data'), Buffer.concat([...split.data]));
  expect(statSync(join(root, 'split.data')).size).toBe(2 * 4096);
  expect(writeOnnx(await loadModel(path))).toEqual(writeOnnx(model));
  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new OrtTensor('float32', new Float32Array(32), [1, 32]) });
  expect([...(y!.data as Float32Array)]).toEqual(new Array(32).fill(2));
  await session.release();
});
