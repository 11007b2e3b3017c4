/** `pith compress --recipe rated --frontier`: the whole curve as files, table and JSON; targets choose among its points. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compress, resume } from '../../dist/library/runs.js';
import { sha256 } from '../../src/base/hash.js';
import type { RunProgress } from '../../src/recipe/runner.js';
import type { FrontierRow, Report } from '../../src/report/report.js';
import { digits, inFolder, smallNetwork } from '../library/support.js';
import { pithHere, workFolder } from './command.js';

const folder = workFolder();
const call = (...words: string[]) =>
  pithHere(['compress', 'tiny.onnx', '--data', 'digits', '--recipe', 'rated', ...words], { cwd: folder() });
const hashOf = async (name: string): Promise<string> => sha256(await readFile(join(folder(), name)));
interface Told {
  readonly met: boolean;
  readonly report: Report & { readonly frontier: readonly FrontierRow[] };
}

describe('--frontier', () => {
  test('makes each point a file beside the output, which is one of them, and says what it is', async () => {
    const { code, out, err } = await call('--epochs', '4', '--frontier', '1e-5,1e-3,1e-2', '-o', 'curve.pith', '--json');
    expect(code).toBe(0);
    const { report } = JSON.parse(out) as Told;
    const { frontier } = report;
    expect(frontier.map(({ lambda, file }) => [lambda, file])).toEqual([
      [1e-5, 'curve.1.pith'],
      [1e-3, 'curve.2.pith'],
      [1e-2, 'curve.3.pith'],
    ]);
    for (const { file, fileHash, bytes } of frontier) {
      expect(await hashOf(file!)).toBe(fileHash);
      expect((await readFile(join(folder(), file!))).length).toBe(bytes);
    }
    expect(frontier[2]!.bytes, 'a larger λ makes smaller files').toBeLessThan(frontier[0]!.bytes);
    const chosen = frontier.filter((row) => row.chosen);
    expect(chosen.map(({ fileHash }) => fileHash)).toEqual([await hashOf('curve.pith')]);
    expect(err, 'a line a second: a point may be done sooner').toMatch(/point \d of 3/);
    expect(await readFile(join(folder(), 'curve.pith.run', 'report.html'), 'utf8')).toContain('Each point is a .pith file of its own');
  });

  test('a target chooses; the folder that is named gets the files; the table has a line for each', async () => {
    await mkdir(join(folder(), 'points'));
    const { code, out } = await call('--epochs', '2', '--frontier', '1e-5,1e-2', '--max-size', '100kB', '-o', 'points');
    expect(code).toBe(0);
    expect((await readdir(join(folder(), 'points'))).sort()).toEqual(['tiny.1.pith', 'tiny.2.pith', 'tiny.pith', 'tiny.pith.run']);
    expect(out).toMatch(/^ +1 +0.00001 +[\d,]+ .*tiny.1.pith$/m);
    expect(out).toMatch(/^ *→ 2 +0.01 +[\d,]+ .*tiny.2.pith$/m);
  });

  test('a target that no point meets ends with 4, the best file and the curve', async () => {
    const { code, out } = await call('--epochs', '1', '--frontier', '1e-5,1e-3', '--max-size', '100', '-o', 'missed.pith', '--json');
    const { met, report } = JSON.parse(out) as Told;
    expect([code, met]).toEqual([4, false]);
    expect(report.frontier).toHaveLength(2);
    expect(report.bytes.file).toBe(Math.min(...report.frontier.map(({ bytes }) => bytes)));
    const told = await pithHere(['resume', 'missed.pith.run'], { cwd: folder() });
    expect(told).toMatchObject({ code: 4, out: expect.stringMatching(/The target was not met[\s\S]*missed.1.pith missed.2.pith/) });
  });
});

test('A curve that was cut off goes on to the same points; other λ are another run', () =>
  inFolder(async (at) => {
    const options = {
      ...{ model: smallNetwork(), data: digits, recipe: 'rated', epochs: 3, frontier: [1e-4, 1e-3], threads: 1 },
      run: join(at, 'run'),
    };
    const whole = await compress({ ...options, run: join(at, 'whole') });
    expect(whole.frontier!.map(({ lambda, path }) => [lambda, path])).toEqual([
      [1e-4, undefined],
      [1e-3, undefined],
    ]);
    const controller = new AbortController();
    const rounds: string[] = [];
    const onProgress = ({ round, rounds: of, fit }: RunProgress) => {
      rounds.push(`${round + 1}/${of}`);
      if (round === 1 && fit) controller.abort();
    };
    await expect(compress({ ...options, signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'interrupted.cancelled' });
    expect(new Set(rounds)).toEqual(new Set(['1/2', '2/2']));
    await expect(compress({ ...options, frontier: [1e-4, 2e-3] })).rejects.toMatchObject({ code: 'usage.run-exists' });
    const done = await resume(options.run, { data: digits });
    if (done.kind !== 'compress') throw new Error('a compression was begun');
    expect(done.result.frontier!.map(({ bytes }) => sha256(bytes))).toEqual(whole.frontier!.map(({ bytes }) => sha256(bytes)));
  }));
