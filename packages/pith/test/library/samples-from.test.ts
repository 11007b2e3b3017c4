import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { defaultPreprocess, type Preprocess } from '../../src/data/preprocess.js';
import { samplesFrom } from '../../src/library/samples-from.js';
import { folders, npyBytes, png, raw } from '../data/support.js';
import { parsed } from '../onnx/samples.js';

const folder = folders();

const floats = (...dims: number[]): Uint8Array =>
  npyBytes('<f4', dims, raw(Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i / 4)));

const taking = (...inputs: string[]): Model => parsed(`g(${inputs.join(', ')}) -> (y: float32[]) { }`);

const open = (path: string, model: Model, preprocess: Partial<Preprocess> = {}, most?: number) =>
  samplesFrom({ path, model, preprocess: { ...defaultPreprocess, ...preprocess }, seed: 1, ...(most ? { most } : {}) });

const colour = (...rgb: number[]): Promise<Uint8Array> =>
  png(
    Uint8Array.from({ length: 24 }, (_, i) => rgb[i % 3]!),
    4,
    2,
    3,
  );

const codeOf = (body: Promise<unknown>): Promise<string> =>
  body.then(
    () => 'fine',
    (error: { code: string }) => error.code,
  );

describe('samples from arrays', () => {
  test('are the rows of all of them, in the order of their names', async () => {
    const path = await folder({ 'b.npy': floats(1, 2), 'a.npy': floats(3, 2), 'notes.txt': 'x' });
    const samples = await open(path, taking('x: float32[N,2]'));
    expect([samples.count, samples.origin]).toEqual([4, 'given']);
    expect(samples.feeds(1, 3)).toEqual(
      new Map([['x', { dtype: 'float32', dims: [3, 2], data: Float32Array.of(0.5, 0.75, 1, 1.25, 0, 0.25) }]]),
    );
  });

  test('may be one file, and come in the type of the input', async () => {
    const path = join(
      await folder({ 'ids.npy': npyBytes('<i4', [2, 3], raw(Int32Array.of(5, -1, 7, 0, 2, 3))), 'other.npy': floats(9) }),
      'ids.npy',
    );
    const samples = await open(path, taking('ids: int64[N,L]'));
    expect(samples.feeds(0, 2).get('ids')).toEqual({ dtype: 'int64', dims: [2, 3], data: BigInt64Array.of(5n, -1n, 7n, 0n, 2n, 3n) });
  });

  test('may be half precision', async () => {
    const path = await folder({ 'a.npy': npyBytes('<f2', [1, 2], raw(Uint16Array.of(0x3c00, 0xc000))) });
    expect((await open(path, taking('x: float32[N,2]'))).feeds(0, 1).get('x')!.data).toEqual(Float32Array.of(1, -2));
  });

  test('are spread evenly where there are more than wanted', async () => {
    const path = await folder({ 'a.npy': floats(8, 1) });
    const samples = await open(path, taking('x: float32[N,1]'), {}, 4);
    expect([...samples.feeds(0, 4).get('x')!.data]).toEqual([0, 0.5, 1, 1.5]);
  });

  test('begin again where a batch of fixed size needs more than there are', async () => {
    const path = await folder({ 'a.npy': floats(2, 1) });
    expect([...(await open(path, taking('x: float32[3,1]'))).feeds(0, 3).get('x')!.data]).toEqual([0, 0.25, 0]);
  });

  test('leave other inputs to be drawn, as long as the first one where they share a dimension', async () => {
    const path = await folder({ 'ids.npy': npyBytes('<i8', [2, 7], raw(new BigInt64Array(14))) });
    const feeds = (await open(path, taking('ids: int64[N,L]', 'attention_mask: int64[N,L]'))).feeds(0, 2);
    expect(feeds.get('attention_mask')).toEqual({ dtype: 'int64', dims: [2, 7], data: new BigInt64Array(14).fill(1n) });
  });
});

describe('samples from images', () => {
  let path = '';
  beforeAll(async () => {
    path = await folder({ 'a/1.png': await colour(0, 51, 255), 'a/2.png': await colour(255, 0, 0), 'b.txt': '' });
  });

  test('have the shape of the input and the preprocessing that was asked for', async () => {
    const samples = await open(path, taking('x: float32[N,3,2,2]'), { mean: [0.5], std: [0.5, 0.5, 0.25] });
    expect(samples.count).toBe(2);
    const [r, g, b] = [-1, (0.2 - 0.5) / 0.5, 2].map(Math.fround);
    expect([...samples.feeds(0, 1).get('x')!.data]).toEqual([r, r, r, r, g, g, g, g, b, b, b, b]);
  });

  test('put channels last where the model does', async () => {
    const { dims, data } = (await open(path, taking('x: float32[N,2,2,3]'))).feeds(1, 1).get('x')!;
    expect([dims, [...data]]).toEqual([
      [1, 2, 2, 3],
      [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0],
    ]);
  });

  test('are bytes for a model that takes bytes, of the size that was asked for where it takes any', async () => {
    const { dtype, dims, data } = (await open(path, taking('x: uint8[N,3,H,W]'), { size: [1, 1] })).feeds(0, 1).get('x')!;
    expect([dtype, dims, [...data]]).toEqual(['uint8', [1, 3, 1, 1], [0, 51, 255]]);
  });

  test('may be flat', async () => {
    expect((await open(path, taking('x: float32[N,24]'), { layout: 'flat' })).feeds(0, 2).get('x')!.dims).toEqual([2, 24]);
  });
});

describe('samples are refused', () => {
  for (const [what, files, model, code] of [
    ['where nothing is there', {}, taking('x: float32[N,2]'), 'input.data-empty'],
    ['where only other files are there', { 'x.txt': '' }, taking('x: float32[N,2]'), 'input.data-empty'],
    ['of another width', { 'a.npy': floats(3, 3) }, taking('x: float32[N,2]'), 'input.samples'],
    ['of another rank', { 'a.npy': floats(6) }, taking('x: float32[N,2]'), 'input.samples'],
    ['that differ among themselves', { 'a.npy': floats(3, 3), 'b.npy': floats(3, 4) }, taking('x: float32[N,L]'), 'input.samples'],
    ['of no row', { 'a.npy': floats(0, 2) }, taking('x: float32[N,2]'), 'input.samples'],
    ['that are no array', { 'a.npy': 'hello' }, taking('x: float32[N,2]'), 'input.npy'],
    ['that are no image', { 'a.png': 'hello' }, taking('x: float32[N,3,2,2]'), 'input.image'],
    ['that are images where the model takes none', { 'a.png': 'hello' }, taking('x: float32[N,7,2,2]'), 'input.samples'],
    ['for a model without inputs', { 'a.npy': floats(1) }, taking(), 'unsupported.inputs'],
  ] as const)
    test(`${what}: ${code}`, async () => expect(await codeOf(open(await folder(files), model))).toBe(code));

  test('from a file that is neither, which is told what it could be', async () => {
    const path = join(await folder({ 'notes.md': 'hello' }), 'notes.md');
    await expect(open(path, taking('x: float32[N,2]'))).rejects.toMatchObject({
      code: 'input.data-unknown',
      detail: { at: { file: path }, expected: expect.stringContaining('.npy') },
    });
  });

  test('from a folder that does not exist', async () => {
    expect(await codeOf(open(join(await folder({}), 'none'), taking('x: float32[N,2]')))).toBe('input.file-missing');
  });
});
