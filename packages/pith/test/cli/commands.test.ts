/** The commands on good input, one after the other as a user types them: files, answers, the lines to go on with, help. */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { commands } from '../../src/cli/commands/list.js';
import { pith, pithHere, wordsOf, workFolder } from './command.js';

const folder = workFolder();
const call = (...words: string[]) => pith(words, { cwd: folder() });
const hashOf = async (name: string): Promise<string> => sha256(await readFile(join(folder(), name)));

/** What stands behind `next:` and under it, as words for `pith`. */
const nextOf = (out: string): string[][] =>
  [...out.matchAll(/^(?:next:| {5}) +(?:[a-z ]+: +)?npx pith (.*)$/gm)].map(([, line]) => wordsOf(line!));

describe('a name with spaces and letters of all kinds', () => {
  const name = 'mein schönes Netz';

  test('train says what to do next, which compresses, which says what to do next', async () => {
    const trained = await call('train', 'lenet-300-100', '--data', 'digits', '--epochs', '1', '-o', `${name}.onnx`);
    expect(trained).toMatchObject({ code: 0, out: expect.stringMatching(/^top-1 error [\d.]+ % → [\d.]+ % on the test images/) });
    const [compress] = nextOf(trained.out);
    expect(compress).toEqual(['compress', `${name}.onnx`, '--data', 'digits', '-o', `${name}.pith`]);

    const compressed = await call(...compress!, '--epochs', '1');
    expect(compressed.code).toBe(0);
    expect(compressed.out).toMatch(/lenet-300-100 on digits \(idx\), seed 7/);
    const next = nextOf(compressed.out);
    expect(next.map(([command]) => command)).toEqual(['inspect', 'decode']);
    for (const words of next) expect(await call(...words)).toMatchObject({ code: 0, err: '' });
    expect((await readdir(folder())).filter((file) => file.startsWith(name)).sort()).toEqual([
      `${name}.decoded.onnx`,
      `${name}.onnx`,
      `${name}.onnx.run`,
      `${name}.pith`,
      `${name}.pith.run`,
    ]);
  });

  test('eval finds the same error in the file, as it is and decoded', async () => {
    const json = async (...words: string[]) =>
      JSON.parse((await call('eval', ...words, '--data', 'digits', '--json')).out) as Record<string, unknown>;
    const [decoded, asItIs] = [await json(`${name}.decoded.onnx`), await json(`${name}.pith`, '--engine', 'pith')];
    expect(decoded).toMatchObject({ pith: 1, command: 'eval', format: 'onnx', engine: 'onnxruntime', count: 60 });
    expect(asItIs).toMatchObject({ format: 'pith', engine: 'pith', error: decoded['error'] });
  });

  test('the same call again gives the same bytes at once, and report shows them', async () => {
    const before = await hashOf(`${name}.pith`);
    const again = await call('compress', `${name}.onnx`, '--data', 'digits', '--epochs', '1', '-o', `${name}.pith`, '--json');
    const answer = JSON.parse(again.out) as { met: boolean; report: { fileHash: string; command: string } };
    expect(answer).toMatchObject({ pith: 1, command: 'compress', met: true, output: `${name}.pith` });
    expect([answer.report.fileHash, await hashOf(`${name}.pith`)]).toEqual([before, before]);
    expect(again.err).not.toContain('train');

    const shown = await call('report', `${name}.pith.run`);
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('compress rate') });
    await access(join(folder(), `${name}.pith.run`, 'report.html'));
  });

  test('other settings are refused in a run folder that was named', async () => {
    const words = ['compress', `${name}.onnx`, '--data', 'digits', '--epochs', '1', '--seed', '8', '-o', `${name}.pith`];
    const before = await hashOf(`${name}.pith`);
    const refused = await call(...words, '--run', `${name}.pith.run`);
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/run with other settings\nhint: .*pith resume/) });
    expect(await hashOf(`${name}.pith`)).toBe(before);
  });

  test('a run that only trained has no report', async () => {
    expect(await call('report', `${name}.onnx.run`)).toMatchObject({ code: 3, err: expect.stringContaining('a training run') });
  });
});

describe('targets', () => {
  const words = ['compress', 'tiny.onnx', '--data', 'digits', '--epochs', '1'];

  test('40x is a fortieth of 4 bytes for each parameter', async () => {
    const { out } = await call(...words, '--max-size', '40x', '--max-drop', '100', '--json', '-o', 'ratio.pith');
    expect(JSON.parse(out)).toMatchObject({ report: { targets: [{ wanted: '955 bytes' }, {}] } });
  });

  test('one that cannot be reached ends with 4, and the best result is kept', async () => {
    const { code, out } = await call(...words, '--max-size', '100', '-o', 'missed.pith', '--json');
    const answer = JSON.parse(out) as { met: boolean; report: { fileHash: string } };
    expect([code, answer.met]).toEqual([4, false]);
    expect(await hashOf('missed.pith')).toBe(answer.report.fileHash);
    const told = await call('resume', 'missed.pith.run');
    expect(told).toMatchObject({ code: 4, out: expect.stringMatching(/The target was not met \(size .* bytes .*, wanted .*100 bytes/) });
  });

  test('--recipe rated takes a --rate', async () => {
    const { code, out } = await call(
      ...[
        'compress',
        'tiny.onnx',
        '--data',
        'digits',
        '--recipe',
        'rated',
        '--epochs',
        '1',
        '--rate',
        '1e-3',
        '-o',
        'rated.pith',
        '--json',
      ],
    );
    expect(code).toBe(0);
    const { report } = JSON.parse(out) as {
      report: { bytes: { original: number; file: number }; error: { compressed: number; decoded: number } };
    };
    expect(report.bytes.file).toBeLessThan(report.bytes.original / 4);
    expect(report.error.decoded).toBe(report.error.compressed);
  });

  test('--density moves the bytes', async () => {
    const sizes: number[] = [];
    for (const density of ['0.05', '0.5']) {
      const { out } = await call(...words, '--density', density, '-o', `density-${density}.pith`, '--json');
      sizes.push((JSON.parse(out) as { report: { bytes: { file: number } } }).report.bytes.file);
    }
    expect(sizes[0]).toBeLessThan(sizes[1]! / 2);
  });
});

describe('looking', () => {
  test.each([
    ['inspect', 'tiny.onnx', { format: 'onnx', network: 'small', totals: { parameters: 9550 } }],
    ['doctor', 'tiny.onnx', { train: true, run: true }],
    ['analyze', 'tiny.onnx', { format: 'onnx', network: 'small', tree: { weights: 9550 } }],
  ])('%s %s answers as text and as one object', async (command, file, answer) => {
    expect(await call(command, file)).toMatchObject({ code: 0, err: '' });
    const { out, err } = await call(command, file, '--json');
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ pith: 1, command, file, ...answer });
  });

  test('inspect says what an ONNX file needs to run', async () => {
    expect((await call('inspect', 'tiny.onnx')).out).toMatch(/memory to run it on one image: weights 38.2 kB, activations [\d.]+ kB/);
  });

  test('diff tells a model from its .pith file by the bytes alone', async () => {
    await call('compress', 'tiny.onnx', '--data', 'digits', '--epochs', '1', '-o', 'tiny.pith');
    const { out, code } = await call('diff', 'tiny.onnx', 'tiny.pith');
    expect([code, out]).toEqual([0, expect.stringMatching(/^fc1.weight +float32 12×784 +37,632 .*\n/m)]);
    expect(await call('diff', 'tiny.pith', 'tiny.pith')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The same network: 4 tensors/m),
    });
    expect(JSON.parse((await call('diff', 'tiny.onnx', 'tiny.pith', '--json')).out)).toMatchObject({
      command: 'diff',
      same: false,
      nodes: [],
      a: { format: 'onnx' },
      b: { format: 'pith' },
    });
  });

  test('zoo lists the networks, and what it says next begins a demo', async () => {
    const { out } = await call('zoo');
    expect(out).toMatch(/lenet-5 +431,080/);
    expect(nextOf(out).map(([command]) => command)).toEqual(['train', 'demo']);
  });
});

describe('help', () => {
  test('without a command goes to stderr and is wrong usage; asked for it goes to stdout', async () => {
    const none = await call();
    expect(none).toMatchObject({ code: 2, out: '' });
    for (const words of [['--help'], ['help'], ['-h']]) expect(await call(...words)).toMatchObject({ code: 0, out: none.err, err: '' });
    expect(none.err).toMatch(/Exit codes: 0 done, 1 a bug/);
    for (const { name } of commands) expect(none.err).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  test('of which nobody reads the end is no failure', async () => {
    const closed = await pith(['--help'], { cwd: folder(), meanwhile: (child) => void child.stdout?.destroy() });
    expect(closed).toEqual({ code: 0, out: '', err: '' });
  });

  test.each(commands.map((c) => [c.name]))('of %s names its options and has a line to copy', async (name) => {
    const { code, out } = await pithHere([name, '--help'], { cwd: folder() });
    expect(code).toBe(0);
    expect(out).toMatch(/--json .*\n[\s\S]*--quiet/);
    expect(out).toMatch(/^ {2}pith [a-z]+/m);
  });

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await call('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('light commands load no heavy module', async () => {
    const heavy = /onnxruntime-node|sharp|linkedom|observablehq/;
    const loaded = async (...words: string[]) =>
      (await pith(words, { cwd: folder(), env: { NODE_DEBUG: 'esm', NODE_OPTIONS: '--no-warnings' } })).err;
    for (const words of [['--help'], ['zoo'], ['inspect', 'tiny.onnx'], ['train', 'lenet-5']])
      expect(await loaded(...words)).not.toMatch(heavy);
    expect(await loaded('eval', 'tiny.onnx', '--data', 'digits'), 'the check sees what is loaded').toMatch(heavy);
  });
});
