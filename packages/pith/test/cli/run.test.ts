/** `pith run`: pictures, arrays and JSON in; classes, or outputs in files, out; by both engines. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { nestedOf, numbersOf } from '../../src/data/nested.js';
import { everyKind, formatNpy, parseNpy } from '../../src/data/sources/npy.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { npyBytes, png, raw } from '../data/support.js';
import { parsed } from '../onnx/samples.js';
import { pithHere, workFolder } from './command.js';

/** Scores of three classes from two numbers, and two inputs made one. */
const linear = parsed('g(x: float32[N,2]) -> (y: float32[N,3]) { init w: float32[2,3] = [1, 0, 0, 0, 2, 0] y = MatMul(x, w) }');
const both = parsed('g(a: float32[2], b: float32[2]) -> (s: float32[2], d: float32[2]) { s = Add(a, b) d = Sub(a, b) }');
const pixels = parsed('g(x: float32[N,1,2,2]) -> (y: float32[N,4]) { y = Flatten(x) }');

const folder = workFolder(async (at) => {
  const write = (name: string, bytes: Uint8Array | string) => writeFile(join(at, name), bytes);
  const scaled = { ...pixels, metadata: new Map([['pith.scale', '1/5'], ['pith.mean', '1']]) }; // biome-ignore format: pairs
  for (const [name, model] of Object.entries({ linear, both, pixels: scaled })) {
    await write(`${name}.onnx`, writeOnnx(model));
    await write(`${name}.pith`, writePith({ model }).bytes);
  }
  await write('odd.pith', writePith({ model: parsed('g(x: float32[N,2]) -> (y: float32[N,2]) { y = com.acme::Zap(x) }') }).bytes);
  await write('x.npy', npyBytes('<f4', [2, 2], raw(Float32Array.of(3, 1, 0, 4))));
  await write('x.json', '[[3, 1], [0, 4]]');
  await write('one.json', '[3, 1]');
  await write('both.json', '{ "a": [1, 2], "b": { "dims": [2], "data": [10, 20] } }');
  await write('ragged.json', '[[3, 1], [0]]');
  await write('names.txt', 'cat\ndog\nfish\n');
  await write('image.png', await png(Uint8Array.of(5, 10, 15, 20), 2, 2, 1));
});
const run = (...words: string[]) => pithHere(['run', ...words], { cwd: folder() });
const answer = async (...words: string[]) => JSON.parse((await run(...words, '--json')).out) as Record<string, unknown>;
const written = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(join(folder(), name)));

describe.each([
  ['linear.pith', 'pith'],
  ['linear.onnx', 'onnxruntime'],
])('%s', (model, engine) => {
  test.each(['x.npy', 'x.json'])('of %s says the classes in order', async (input) => {
    const { outputs, ...rest } = await answer(model, input, '--top', '2');
    expect(rest).toMatchObject({ pith: 1, command: 'run', model, input, engine });
    const e = Math.exp;
    expect(outputs).toEqual([
      {
        name: 'y',
        dtype: 'float32',
        dims: [2, 3],
        least: 0,
        most: 8,
        top: [
          [
            { class: 0, score: 3, probability: expect.closeTo(e(3) / (e(3) + e(2) + 1), 9) },
            { class: 1, score: 2, probability: expect.closeTo(e(2) / (e(3) + e(2) + 1), 9) },
          ],
          [
            { class: 1, score: 8, probability: expect.closeTo(e(8) / (e(8) + 2), 9) },
            { class: 0, score: 0, probability: expect.closeTo(1 / (e(8) + 2), 9) },
          ],
        ],
      },
    ]);
  });

  test('takes one sample without a batch, names classes, and says who ran it', async () => {
    const { code, out } = await run(model, 'one.json', '--labels', 'names.txt', '--top', '1');
    expect([code, out]).toEqual([0, expect.stringMatching(/^y \[1, 3\]\n\n.*\n.*\n *cat +3\.0000 +70\.54 %/)]);
    expect(out).toContain(engine === 'pith' ? 'by pith-runtime' : 'by ONNX Runtime');
    expect(out).not.toContain('dog');
  });

  test('saves what comes out', async () => {
    await run(model, 'x.npy', '-o', 'y.npy');
    expect(parseNpy(await written('y.npy'), everyKind, 'y.npy')).toEqual({
      kind: '<f4',
      dims: [2, 3],
      data: Float32Array.of(3, 2, 0, 0, 8, 0),
    });
    const { out } = await run(model, 'x.npy', '-o', 'y.json');
    expect(out).toContain('saved: y.json');
    expect(JSON.parse(new TextDecoder().decode(await written('y.json')))).toEqual({ y: [[3, 2, 0], [0, 8, 0]] }); // biome-ignore format: rows
  });
});

test('pictures become numbers as the metadata say, or as the options do', async () => {
  const scores = async (...words: string[]): Promise<unknown> => {
    await run('pixels.pith', 'image.png', '-o', 'p.json', ...words);
    return JSON.parse(new TextDecoder().decode(await written('p.json')));
  };
  expect(await scores()).toEqual({ y: [[0, 1, 2, 3]] });
  expect(await scores('--mean', '0')).toEqual({ y: [[1, 2, 3, 4]] });
});

test('several inputs come as JSON by name, several outputs go as JSON', async () => {
  expect((await answer('both.pith', 'both.json', '-o', 'sums.json'))['outputs']).toEqual([
    { name: 's', dtype: 'float32', dims: [2], least: 11, most: 22 },
    { name: 'd', dtype: 'float32', dims: [2], least: -18, most: -9 },
  ]);
  expect(JSON.parse(new TextDecoder().decode(await written('sums.json')))).toEqual({ s: [11, 22], d: [-9, -18] });
});

test.each([
  ['a picture for two inputs', ['both.pith', 'image.png'], 3, /expected a model with one input/],
  ['an array of another shape', ['linear.pith', 'both.json'], 3, /arrays for "x"/],
  ['lists that differ', ['linear.pith', 'ragged.json'], 3, /a list of 2/],
  ['a file that is not there', ['linear.pith', 'absent.json'], 3, /a file that can be read/],
  ['text that is no JSON', ['linear.pith', 'names.json'], 3, /a file that can be read|JSON/],
  ['an output of another kind', ['linear.pith', 'x.npy', '-o', 'y.csv'], 2, /a \.json or \.npy file/],
  ['several outputs in one array', ['both.pith', 'both.json', '-o', 'y.npy'], 2, /a \.json file for several outputs/],
  [
    'less precision of ONNX Runtime',
    ['linear.pith', 'x.npy', '--engine', 'onnxruntime', '--allow-reduced-precision'],
    2,
    /the engine pith/,
  ],
  ['its own input as output', ['linear.pith', 'x.json', '-o', 'x.json'], 2, /an output other than the input/],
  [
    'an operator that pith-runtime does not run',
    ['odd.pith', 'x.npy'],
    3,
    /com\.acme\.Zap\nhint: +let ONNX Runtime run it: --engine onnxruntime/,
  ],
])('refuses %s', async (_, words, code, message) => {
  expect(await run(...words)).toMatchObject({ code, err: expect.stringMatching(message) });
});

test('numbers go into lists and come out of them', () => {
  for (const value of [
    7,
    [],
    [1, 2],
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [[[1]], [[2]]],
    [[], []],
  ]) {
    // biome-ignore format: shapes
    const { dims, data } = numbersOf(value, 'x');
    expect(nestedOf(dims, data)).toEqual(value);
  }
  for (const wrong of [null, 'a', [1, 'a'], [1, [2]], [[1], 2], { dims: [2], data: [1] }, { dims: [1], data: ['a'] }])
    expect(() => numbersOf(wrong, 'x')).toThrow(expect.objectContaining({ code: 'input.json' }));
  expect(() => numbersOf(JSON.parse('['.repeat(40) + ']'.repeat(40)), 'x')).toThrow('at most 16 dimensions');
});

test('arrays of every kind and shape are written as they are read', () => {
  for (const [kind, dims] of everyKind.flatMap((kind) => [[], [0], [3], [2, 3]].map((dims) => [kind, dims] as const))) {
    const size = dims.reduce((a, b) => a * b, 1);
    const array = parseNpy(npyBytes(kind, dims, new Uint8Array(size * Number(kind[2])).fill(1)), everyKind, 'x');
    const file = formatNpy(array);
    expect(parseNpy(file, everyKind, 'x')).toEqual(array);
    expect(file.length % 64).toBe((size * Number(kind[2])) % 64);
  }
});
