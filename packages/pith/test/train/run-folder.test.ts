import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunFolder } from '../../src/train/run-folder.js';

let base: string;
let path: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'pith-run-'));
  path = join(base, 'run');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const nothing = async () => undefined;
const checkpoint = { arrays: new Map([['w', Float32Array.of(1, 2)]]), state: { step: 3 } };
const log = async () => (await readFile(join(path, 'events.ndjson'), 'utf8')).split('\n');

describe('a run folder', () => {
  test('is made with what belongs to it, and opens again with what was asked', async () => {
    await RunFolder.create(path, { seed: 7 }, (file) => writeFile(file('model.onnx'), 'model'));
    const { folder, run } = await RunFolder.open(path);
    expect(run).toEqual({ seed: 7 });
    expect(await readFile(folder.file('model.onnx'), 'utf8')).toBe('model');
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'model.onnx', 'run.json']);
  });

  test('is no run until all that belongs to it is written, and can then be begun again', async () => {
    const fill = async (file: (name: string) => string) => {
      await writeFile(file('model.onnx'), 'half');
      throw new Error('the disk is gone');
    };
    await expect(RunFolder.create(path, {}, fill)).rejects.toThrow('the disk is gone');
    await expect(readdir(path), 'nothing of it is left').rejects.toMatchObject({ code: 'ENOENT' });
    await expect(RunFolder.open(path)).rejects.toMatchObject({ code: 'input.run', detail: { at: { file: path } } });
    await RunFolder.create(path, { seed: 1 }, nothing);
    expect((await RunFolder.open(path)).run).toEqual({ seed: 1 });
  });

  test('with a run in it is not begun anew', async () => {
    await RunFolder.create(path, { seed: 1 }, nothing);
    await expect(RunFolder.create(path, { seed: 2 }, nothing)).rejects.toMatchObject({ code: 'usage.run-exists' });
    expect((await RunFolder.open(path)).run).toEqual({ seed: 1 });
  });

  test.each([
    ["somebody's files", async () => writeFile(join(path, 'model.onnx'), 'precious')],
    [
      'checkpoints whose run.json is gone',
      async () => {
        await mkdir(join(path, 'checkpoints'));
        await writeFile(join(path, 'checkpoints', 'step-000.safetensors'), 'old');
      },
    ],
  ])('is not made over %s', async (_, fill) => {
    await mkdir(path);
    await fill();
    const before = await readdir(path, { recursive: true });
    const overwrite = (file: (name: string) => string) => writeFile(file('model.onnx'), 'ours');
    await expect(RunFolder.create(path, {}, overwrite)).rejects.toMatchObject({ code: 'usage.run-exists' });
    expect(await readdir(path, { recursive: true })).toEqual(before);
    if (before.includes('model.onnx')) expect(await readFile(join(path, 'model.onnx'), 'utf8')).toBe('precious');
  });

  test('where a file stands is refused', async () => {
    await writeFile(path, 'a file');
    await expect(RunFolder.create(path, {}, nothing)).rejects.toMatchObject({ kind: 'output' });
    await expect(RunFolder.open(path)).rejects.toMatchObject({ code: 'input.run' });
  });

  test('whose run.json is no JSON is refused with the place', async () => {
    await mkdir(path);
    await writeFile(join(path, 'run.json'), '{"seed":');
    await expect(RunFolder.open(path)).rejects.toMatchObject({ code: 'input.run', detail: { at: { file: join(path, 'run.json') } } });
  });
});

describe('its log', () => {
  test('grows by a line for each event', async () => {
    const folder = await RunFolder.create(path, {}, nothing);
    await folder.event({ event: 'step', index: 0 });
    await folder.event({ event: 'line\nbreak' });
    expect((await log()).map((line) => (line ? (JSON.parse(line) as unknown) : line))).toEqual([
      { event: 'step', index: 0 },
      { event: 'line\nbreak' },
      '',
    ]);
  });

  test.each([1, 5, 20])('loses a line that was torn after %s bytes, and only that', async (bytes) => {
    const folder = await RunFolder.create(path, {}, nothing);
    await folder.event({ event: 'first' });
    const whole = (await readFile(folder.file('events.ndjson'))).length;
    await folder.event({ event: 'second', of: 'many words' });
    await truncate(folder.file('events.ndjson'), whole + bytes);
    const { folder: again } = await RunFolder.open(path);
    await again.event({ event: 'third' });
    expect(await log()).toEqual(['{"event":"first"}', '{"event":"third"}', '']);
  });

  test('that is nothing but a torn line is emptied', async () => {
    const folder = await RunFolder.create(path, {}, nothing);
    await appendFile(folder.file('events.ndjson'), '{"ev');
    await RunFolder.open(path);
    expect(await log()).toEqual(['']);
  });
});

describe('its checkpoints', () => {
  test('are saved, loaded, replaced and removed by name', async () => {
    const folder = await RunFolder.create(path, {}, nothing);
    expect(await folder.load('inside')).toBeUndefined();
    await folder.save('inside', checkpoint);
    expect(await folder.load('inside')).toEqual(checkpoint);
    await folder.save('inside', { ...checkpoint, state: { step: 4 } });
    expect((await folder.load('inside'))?.state).toEqual({ step: 4 });
    await folder.remove('inside');
    await folder.remove('inside');
    expect(await folder.load('inside')).toBeUndefined();
    expect(await readdir(join(path, 'checkpoints'))).toEqual([]);
  });

  test('that are damaged are refused with the place', async () => {
    const folder = await RunFolder.create(path, {}, nothing);
    await folder.save('inside', checkpoint);
    const file = join(path, 'checkpoints', 'inside.safetensors');
    await truncate(file, 50);
    await expect(folder.load('inside')).rejects.toMatchObject({ code: 'input.checkpoint', detail: { at: { file } } });
  });
});
