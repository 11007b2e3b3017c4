/**
 * kill -9, in a process of its own and at moments of all kinds, and again on the resumed run: the file at the end is that of an unbroken
 * run. The processes run the built package, as users do.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compress, resume } from '../../dist/index.js';
import { sha256 } from '../../src/base/hash.js';
import { saveModel } from '../../src/onnx/file.js';
import type { RecipeInput } from '../../src/recipe/recipe.js';
import { inFolder, smallNetwork, writeIdx } from './support.js';

const recipe: RecipeInput = {
  version: 1,
  name: 'crash',
  steps: [
    { use: 'prune', threshold: { scope: 'global', density: 0.2 } },
    { use: 'train', epochs: 4, batch: 10, rate: 0.03, augment: 'usual', averaging: { from: 0.3, every: 3, decay: 0.9 } },
    { use: 'share', bits: 3, initialisation: 'random' },
    { use: 'train', epochs: 3, batch: 10, rate: 0.001, optimizer: 'adam' },
  ],
};

const child = fileURLToPath(new URL('./crash-child.mjs', import.meta.url));

/** Starts the child and kills it when it has told of `lines` steps; false where it was done before. */
function killedAfter(
  lines: number,
  words: readonly string[],
  input: string,
): Promise<{ readonly killed: boolean; readonly told: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    process_.stdin.end(input);
    process_.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').length > lines) process_.kill('SIGKILL');
    });
    process_.on('error', reject);
    process_.on('exit', (_, signal) => resolve({ killed: signal === 'SIGKILL', told: text.trim().split('\n') }));
  });
}

test('a run killed again and again ends with the file of an unbroken one', () =>
  inFolder(async (folder) => {
    const [data, run, model] = [join(folder, 'data'), join(folder, 'run'), join(folder, 'small.onnx')];
    await mkdir(data);
    await writeIdx(data);
    await saveModel(model, smallNetwork());
    const unbroken = sha256((await compress({ model, data, recipe, threads: 1 })).bytes);
    const input = JSON.stringify({ model, recipe });

    const starts: string[] = [];
    for (const lines of [1, 25, 30, 25]) {
      const { killed, told } = await killedAfter(lines, [run, data, starts.length === 0 ? 'compress' : 'resume'], input);
      expect(killed).toBe(true);
      starts.push(told[0]!);
    }
    // each began where the checkpoints had come to, and the later ones inside of training
    const place = starts.map((start) => Number(start.split('.')[0]));
    expect(place).toEqual([...place].sort((a, b) => a - b));
    expect(place.at(-1)).toBeGreaterThan(0);
    const log = (await readFile(join(run, 'events.ndjson'), 'utf8')).trim().split('\n');
    expect(log.some((line) => line.includes('resumedAt'))).toBe(true);

    const done = await resume(run);
    expect(done.kind === 'compress' && sha256(done.result.bytes)).toBe(unbroken);
    expect(sha256(await readFile(join(run, 'model.pith')))).toBe(unbroken);
    expect((await readdir(run)).filter((name) => name.endsWith('.json'))).toEqual(['report.json', 'run.json']);
  }));
