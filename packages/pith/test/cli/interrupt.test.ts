/** Work that is cut off: by Ctrl-C once and twice, by kill -9, by a reader who goes away, by a disk that is full; and what is said meanwhile. */
import type { ChildProcess } from 'node:child_process';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { type CallOptions, type Ended, pith, shortRecipe, workFolder } from './command.js';

const folder = workFolder(async (at) => {
  await writeFile(join(at, 'short.json'), shortRecipe);
  const whole = await pith(compress('whole'), { cwd: at });
  if (whole.code !== 0) throw new Error(whole.err);
});

const compress = (name: string, ...more: string[]): string[] =>
  [
    'compress',
    'tiny.onnx',
    '--data',
    'digits',
    '--recipe',
    'short.json',
    '--threads',
    '1',
    '--run',
    `${name}.run`,
    '-o',
    `${name}.pith`,
  ].concat(more);
const hashOf = async (name: string): Promise<string> => sha256(await readFile(join(folder(), name)));
const isThere = (name: string): Promise<boolean> =>
  access(join(folder(), name)).then(
    () => true,
    () => false,
  );

/** Waits until pruning is done: training goes on then. */
async function untilTraining(name: string): Promise<void> {
  while (!(await isThere(`${name}.run/checkpoints/step-000.safetensors`))) await sleep(5);
}

const cutOff = (name: string, cut: (child: ChildProcess) => Promise<void> | void, ...more: string[]): Promise<Ended> => {
  const meanwhile: CallOptions['meanwhile'] = async (child) => {
    await untilTraining(name);
    await cut(child);
  };
  return pith(compress(name, ...more), { cwd: folder(), meanwhile });
};

/** `pith resume` ends with the file of the run that nobody cut off. */
async function goesOn(name: string): Promise<void> {
  expect(await isThere(`${name}.pith`), 'it was cut off').toBe(false);
  const resumed = await pith(['resume', `${name}.run`], { cwd: folder() });
  expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining(`${name}.pith`) });
  expect(await hashOf(`${name}.pith`)).toBe(await hashOf('whole.pith'));
}

describe('Ctrl-C', () => {
  test('leaves a checkpoint and says how to go on, which ends with the same bytes', async () => {
    const { code, out, err } = await cutOff('once', (child) => void child.kill('SIGINT'));
    expect([code, out]).toEqual([5, '']);
    expect(err).toMatch(/\ninterrupted; a checkpoint is kept\nnext: {2}npx pith resume once\.run\n$/);
    await goesOn('once');
    const again = await pith(['resume', 'once.run', '--json'], { cwd: folder() });
    expect(JSON.parse(again.out)).toMatchObject({ command: 'resume', met: true, report: { fileHash: await hashOf('whole.pith') } });
  });

  test('under --json and --quiet is told by the object, and nothing but how to go on', async () => {
    const { code, out, err } = await cutOff('json', (child) => void child.kill('SIGINT'), '--json', '--quiet');
    expect(code).toBe(5);
    expect(JSON.parse(out)).toMatchObject({
      pith: 1,
      command: 'compress',
      error: { code: 'interrupted.cancelled', resume: 'npx pith resume json.run' },
    });
    expect(err).toBe('interrupted; a checkpoint is kept\nnext:  npx pith resume json.run\n');
  });

  test('twice ends at once', async () => {
    const { code, out } = await cutOff('twice', async (child) => {
      child.kill('SIGINT');
      await sleep(1); // two signals at the same moment are one
      child.kill('SIGINT');
    });
    expect([code, out]).toEqual([5, '']);
    await goesOn('twice');
  });
});

test('After kill -9 the same call goes on, and so does resume', async () => {
  const { code } = await cutOff('killed', (child) => void child.kill('SIGKILL'));
  expect(code).toBe(null);
  await goesOn('killed');
  expect(await pith(compress('killed'), { cwd: folder() })).toMatchObject({ code: 0 });
});

describe('what is said meanwhile', () => {
  test('goes to stderr, never the same line twice in a row; --quiet and --no-progress silence it', async () => {
    const words = ['eval', 'tiny.onnx', '--data', 'digits'];
    const { err } = await pith(words, { cwd: folder() });
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toBe('reading model and data');
    expect(lines.filter((line, i) => line === lines[i - 1])).toEqual([]);
    for (const flag of ['--quiet', '--no-progress'])
      expect(await pith([...words, flag], { cwd: folder() })).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringMatching(/^top-1 error/),
      });
  });

  test('may be left unread, as may the answer', async () => {
    for (const words of [
      ['inspect', 'tiny.onnx'],
      ['eval', 'tiny.onnx', '--data', 'digits'],
    ]) {
      const { code, err } = await pith(words, {
        cwd: folder(),
        meanwhile: (child) => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        },
      });
      expect([code, err]).toEqual([0, '']);
    }
  });
});

describe('a disk that is full', () => {
  test('leaves no output and no folder', async () => {
    const before = await readdir(folder());
    const decoded = await pith(['decode', 'whole.pith', '-o', 'full.onnx'], { cwd: folder(), room: 20 });
    expect(decoded).toMatchObject({
      code: 6,
      err: expect.stringMatching(/^error: full.onnx: expected room on the disk.*\nhint: {2}free some space/),
    });
    const trained = await pith(['train', 'lenet-5', '--data', 'digits', '-o', 'full.onnx'], { cwd: folder(), room: 20 });
    expect(trained).toMatchObject({ code: 6, err: expect.stringContaining('full.onnx.run') });
    expect(await readdir(folder())).toEqual(before);
  });

  test('in the middle of a run says how to go on when there is room, and the file is the same then', async () => {
    const { code, err } = await pith(compress('full'), { cwd: folder(), room: 100 });
    expect(code).toBe(6);
    expect(err).toMatch(/\nerror: full.run.*expected room on the disk.*\nhint: .*\nnext: {2}npx pith resume full.run\n$/);
    await goesOn('full');
  });
});

test('Nothing half-written is left of all this', async () => {
  const left = await readdir(folder(), { recursive: true });
  expect(left.filter((path) => path.endsWith('.tmp') && !path.startsWith('killed'))).toEqual([]);
});
