/** `pith squeeze` and `pith model.onnx` in processes of their own: files, answers, targets, pipes, bad input, interruption. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { saveModel } from '../../src/onnx/file.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { smallNetwork } from '../library/support.js';
import { pith, pithHere, wordsOf, workFolder } from './command.js';

const folder = workFolder(async (at) => {
  await mkdir(join(at, 'several'));
  await mkdir(join(at, 'into'));
  for (const name of ['a', 'b']) await saveModel(join(at, 'several', `${name}.onnx`), smallNetwork());
  await writeFile(
    join(at, 'noise.onnx'),
    Uint8Array.from({ length: 999 }, (_, i) => (i * 89) % 251),
  );
});
const call = (...words: string[]) => pith(words, { cwd: folder() });
const here = (...words: string[]) => pithHere(words, { cwd: folder() });
const quick = ['--effort', '0', '--threads', '1'];
const hashOf = async (name: string): Promise<string> => sha256(await readFile(join(folder(), name)));

describe('pith model.onnx', () => {
  test('writes a smaller file beside it, says how near it is, and what to do next', async () => {
    const { code, out, err } = await call('tiny.onnx', ...quick);
    expect([code, err.includes('reading the model')]).toEqual([0, true]);
    expect(out).toMatch(/^small: 38\.\d kB → \d\.\d kB · \d+\.\d× · \d\.\d\d bits per weight · fidelity 0\.9\d+ · .* s\n/);
    expect(out).toMatch(/\nlogits +0\.9\d+ /);
    expect(out).toMatch(/\nwrote +tiny\.pith\n/);
    const next = [...out.matchAll(/^(?:next:| {5}) npx pith (.*?)(?: {3}.*)?$/gm)].map(([, line]) => wordsOf(line!));
    expect(next.map(([command]) => command)).toEqual(['verify', 'decode', 'squeeze']);
    expect(await here(...next[1]!)).toMatchObject({ code: 0 });
  });

  test('is short for pith squeeze, in any order of words, with the same bytes', async () => {
    const before = await hashOf('tiny.pith');
    for (const words of [
      ['squeeze', 'tiny.onnx', ...quick],
      [...quick, 'tiny.onnx'],
      ['--quiet', 'tiny.onnx', ...quick, '-o', 'tiny.pith'],
    ]) {
      expect(await here(...words)).toMatchObject({ code: 0 });
      expect(await hashOf('tiny.pith')).toBe(before);
    }
  });

  test('takes several models, each with a file of its own', async () => {
    const { code, out } = await here('several/a.onnx', 'several/b.onnx', ...quick, '-o', 'into', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { results: { output: string }[] }).results.map(({ output }) => output)).toEqual([
      'into/a.pith',
      'into/b.pith',
    ]);
    expect((await readdir(join(folder(), 'into'))).sort()).toEqual(['a.pith', 'b.pith']);
  });
});

test('--json is one object of a stable form, --metafile the same in a file, --report a page', async () => {
  const words = ['squeeze', 'tiny.onnx', ...quick, '-o', 'j.pith', '--metafile', 'meta.json', '--report', 'page.html', '--json', '--quiet'];
  const { out, err } = await call(...words);
  expect(err).toBe('');
  const answer = JSON.parse(out) as { results: { report: { file: { hash: string } } }[] };
  expect(answer).toMatchObject({
    pith: 1,
    command: 'squeeze',
    results: [
      {
        model: 'tiny.onnx',
        output: 'j.pith',
        met: true,
        report: { pithSqueeze: 1, effort: 0, seed: 7, targets: [], command: expect.stringContaining('pith squeeze') },
      },
    ],
  });
  expect(Object.keys(answer.results[0]!.report).sort()).toEqual(reportKeys);
  expect(answer.results[0]!.report.file.hash).toBe(await hashOf('j.pith'));
  expect(JSON.parse(await readFile(join(folder(), 'meta.json'), 'utf8'))).toEqual(answer);
  expect(await readFile(join(folder(), 'page.html'), 'utf8')).toContain('How near the outputs are');
});

/** What programs may count on. */
const reportKeys = [
  'batchNorms',
  'bitsPerWeight',
  'command',
  'constant',
  'effort',
  'fidelity',
  'file',
  'lossless',
  'network',
  'pithSqueeze',
  'rounds',
  'seconds',
  'sections',
  'seed',
  'source',
  'targets',
  'tensors',
  'versions',
  'weights',
];

describe('targets', () => {
  test.each([
    [['--max-size', '3kB'], /met: +size, wanted at most 3,000 bytes, got 2,\d\d\d bytes/],
    [['--max-size', '12x'], /met: +size, wanted at most 3,\d\d\d bytes/],
    [['--bits-per-weight', '2.5'], /met: +bits per weight, wanted at most 2.5, got 2.4/],
    [['--min-fidelity', '0.999'], /met: +fidelity, wanted at least 0.999, got 0.999/],
  ])('%j is searched for, each round with a line', async (words, says) => {
    const { code, out, err } = await here('squeeze', 'tiny.onnx', ...quick, ...words, '-o', 'target.pith');
    expect([code, out]).toEqual([0, expect.stringMatching(says)]);
    expect(err).toMatch(/^round +1: constant [\d.]+, [\d,]+ bytes, fidelity 0\.\d+$/m);
  });

  test('one that cannot be met ends with 4, the best file kept', async () => {
    const { code, out } = await here('squeeze', 'tiny.onnx', ...quick, '--max-size', '300', '-o', 'missed.pith');
    expect([code, out]).toEqual([4, expect.stringMatching(/NOT MET: size, wanted at most 300 bytes[\s\S]*wrote +missed\.pith/)]);
    expect((await here('inspect', 'missed.pith')).code).toBe(0);
  });

  test('with labels the error may be one', async () => {
    const { code, out } = await here('squeeze', 'tiny.onnx', ...quick, '--data', 'digits', '--max-drop', '3', '-o', 'labels.pith');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/met: +error rise, wanted at most 3 points[\s\S]*top-1 error .* on 60 test images/),
    ]);
  });

  test('--lossless keeps every bit', async () => {
    expect(await here('squeeze', 'tiny.onnx', '--lossless', '-o', 'whole.pith')).toMatchObject({
      code: 0,
      out: expect.stringContaining('every bit kept'),
    });
    const { out } = await here('diff', 'tiny.onnx', 'whole.pith', '--json');
    expect(JSON.parse(out)).toMatchObject({ same: true, tensors: [] });
  });
});

describe('pith verify', () => {
  test('ends with 0 for what is near, with 4 for what is not near enough', async () => {
    await here('tiny.onnx', ...quick);
    const words = ['verify', 'tiny.onnx', 'tiny.pith', '--threads', '1'];
    expect(await here(...words)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^fidelity +ok +cosine 0\.99\d+ on \d+ inputs[\s\S]*\nverified\n$/m),
    });
    expect(await here(...words, '--min-fidelity', '0.999999')).toMatchObject({
      code: 4,
      out: expect.stringMatching(/^fidelity +WRONG[\s\S]*NOT VERIFIED/m),
    });
    expect(JSON.parse((await here(...words, '--json')).out)).toMatchObject({ command: 'verify', ok: true, checks: { length: 5 } });
  });

  test('ends with 3 for another model and for a damaged file', async () => {
    const bytes = await readFile(join(folder(), 'tiny.pith'));
    bytes[bytes.length - 5]! ^= 1;
    await writeFile(join(folder(), 'damaged.pith'), bytes);
    expect(await here('verify', 'tiny.onnx', 'damaged.pith')).toMatchObject({ code: 3, err: expect.stringMatching(/damaged\.pith/) });
    const other = { ...smallNetwork(), opsets: new Map([['', 18]]) };
    await saveModel(join(folder(), 'other.onnx'), other);
    expect(await here('verify', 'tiny.onnx', 'other.onnx')).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^interface +WRONG +opset of ai.onnx/m),
    });
  });
});

test('--explain gives each tensor a reason, --per-layer each layer a fidelity', async () => {
  const { out } = await here('squeeze', 'tiny.onnx', ...quick, '--explain', '--per-layer', '-o', 'told.pith');
  expect(out).toMatch(/^fc1\.weight +float32 12×784 +round +[\d,]+ +\d\.\d\d +weight of Gemm/m);
  expect(out).toMatch(/^layer +cosine/m);
});

test('--dry-run says what would be done and what it would take, and writes nothing', async () => {
  const before = await readdir(folder());
  const { code, out } = await here('squeeze', 'tiny.onnx', 'several/a.onnx', '--dry-run');
  expect([code, await readdir(folder())]).toEqual([0, before]);
  expect(out).toMatch(/^fc1\.weight +float32 12×784 +two-sided feedback +weight of Gemm/m);
  expect(out).toMatch(/about [\d.]+ s to prepare, [\d.]+ s for each round/);
  expect(out.match(/^about .* of memory$/gm)).toHaveLength(2);
  expect(JSON.parse((await here('tiny.onnx', '--dry-run', '--json')).out)).toMatchObject({
    command: 'squeeze',
    plans: [{ model: 'tiny.onnx', weights: 9550, seconds: { preparing: expect.any(Number) }, memoryBytes: expect.any(Number) }],
  });
});

describe('pipes', () => {
  test('a model from stdin goes to stdout, with the same bytes, and what is said goes to stderr', async () => {
    const { code, bytes, err } = await piped(['squeeze', '-', ...quick], writeOnnx(smallNetwork()));
    expect([code, sha256(bytes)]).toEqual([0, await hashOf('tiny.pith')]);
    expect(err).toMatch(/bits per weight/);
  });

  const piped = (words: string[], input: Uint8Array) =>
    new Promise<{ code: number | null; bytes: Uint8Array; err: string }>((resolve) => {
      void pith(words, {
        cwd: folder(),
        stdin: input,
        meanwhile: (child) => {
          const chunks: Uint8Array[] = [];
          let err = '';
          child.stdout?.setEncoding('latin1').on('data', (chunk: string) => chunks.push(Buffer.from(chunk, 'latin1')));
          child.stderr?.on('data', (chunk: string) => {
            err += chunk;
          });
          child.on('close', (code) => resolve({ code, bytes: Buffer.concat(chunks), err }));
        },
      });
    });
});

describe('bad input', () => {
  test.each<[string[], number, RegExp]>([
    [['noise.onnx'], 3, /noise\.onnx/],
    [['absent.onnx'], 3, /absent\.onnx: .*no such file/],
    [['squeeze', 'tiny.onnx', '-o', 'tiny.onnx'], 2, /an output other than the input/],
    [['squeeze', 'tiny.pith'], 2, /an output other than the input/],
    [['squeeze', 'tiny.onnx', '--metafile', 'tiny.onnx'], 2, /an output other than the input/],
    [['squeeze', 'tiny.onnx', '-o', 'nowhere/x.pith'], 6, /nowhere: expected a folder that exists/],
    [['several/a.onnx', 'several/b.onnx', '-o', 'x.pith'], 2, /a folder that exists, for the files of several models/],
    [['several/a.onnx', 'several/a.onnx'], 2, /an output of its own for each model/],
    [['-', 'tiny.onnx'], 2, /files where there are several models/],
    [['squeeze'], 2, /missing required argument 'models'/],
    [['tiny.onnx', '--effort', 'ten'], 2, /--effort.* whole number from 0 to 9/],
    [['tiny.onnx', '--max-size', '44kb'], 2, /did you mean 44kB\?/],
    [['tiny.onnx', '--min-fidelity', '0.5'], 2, /--min-fidelity.* number from 0.9/],
    [['tiny.onnx', '--bits-per-weight', '0'], 2, /--bits-per-weight.* number above 0/],
    [['tiny.onnx', '--max-drop', '1'], 2, /labelled images, by which the error is known/],
    [['tiny.onnx', '--max-size', '1kB', '--bits-per-weight', '2'], 2, /expected one size/],
    [['tiny.onnx', '--coder', 'zip'], 2, /huffman, mix/],
    [['tiny.onnx', '--calibrate', 'absent'], 3, /absent/],
    [['tiny.onnx', '--max-sise', '3kB'], 2, /did you mean --max-size\?/],
  ])('%j ends with %i', async (words, code, says) => {
    const before = await readdir(folder());
    const ended = await here(...words);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(says);
    expect(ended.err).not.toMatch(/^ +at /m);
    expect(await readdir(folder())).toEqual(before);
  });
});

test('A file on stdout and an object on stdout do not go together', async () => {
  const { code, out } = await here('squeeze', 'tiny.onnx', '-o', '-', '--json');
  expect([code, JSON.parse(out)]).toMatchObject([2, { error: { code: 'usage.output' } }]);
});

describe('work that is cut off', () => {
  test('by Ctrl-C leaves no file, and says so with 5', async () => {
    const { code, err, out } = await pith(['tiny.onnx', '--effort', '9', '-o', 'cut.pith'], {
      cwd: folder(),
      meanwhile: (child) => void child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect([code, out]).toEqual([5, '']);
    expect(err).toMatch(/interrupted\n$/);
    expect((await readdir(folder())).filter((name) => name.includes('cut'))).toEqual([]);
  });

  test('by a full disk leaves no file', async () => {
    const { code, err } = await pith(['squeeze', 'tiny.onnx', '--lossless', '-o', 'full.pith'], { cwd: folder(), room: 8 });
    expect([code, err]).toEqual([6, expect.stringMatching(/full\.pith: expected room on the disk/)]);
    expect((await readdir(folder())).filter((name) => name.includes('full'))).toEqual([]);
  });
});

test('NO_COLOR and plain text: no escape sequence anywhere', async () => {
  const { out, err } = await pith(['tiny.onnx', ...quick], { cwd: folder(), env: { NO_COLOR: '1' } });
  expect(out + err).not.toContain('\u001b');
});
