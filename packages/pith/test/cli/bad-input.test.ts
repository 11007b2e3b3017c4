/** What `pith` says of bad input: an exit code of its class, one error with place and remedy, no stack, nothing written, nothing lost. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { saveModel } from '../../src/onnx/file.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { digits, smallNetwork, writeIdx } from '../library/support.js';
import { type Ended, pith, pithHere, workFolder } from './command.js';

const model = smallNetwork();
const onnx = writeOnnx(model);
const withGraph = (text: string, more: Partial<Model> = {}): Model => ({ ...model, metadata: new Map(), graph: parseGraph(text), ...more });
const weights = (count: number): string => Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 1000 - 0.05).join(', ');

/** 28×28 images through these lines to a product with a weight that makes `classes` outputs. */
const classifier = (lines: string, classes = 10): string => `g(image: float32[N,1,28,28]) -> (logits: float32[N,${classes}]) {
  init w: float32[${classes},784] = [${weights(784 * classes)}]
  f = Flatten(image)
  ${lines}
  logits = Gemm(h, w) { transB = 1 }
}`;

function withNaN(): Model {
  const broken = smallNetwork();
  broken.graph.initializers.get('fc1.weight')!.data[5] = Number.NaN;
  return broken;
}

const models: Readonly<Record<string, Model>> = {
  'nan.onnx': withNaN(),
  'unknown-operator.onnx': withGraph(classifier('h = Selu(f)')),
  'five-classes.onnx': withGraph(classifier('h = Relu(f)', 5)),
  'no-classifier.onnx': withGraph(`g(image: float32[N,1,28,28]) -> (y: float32[N,1,26,26]) {
    init w: float32[1,1,3,3] = [${weights(9)}]
    y = Conv(image, w)
  }`),
  'no-weights.onnx': withGraph('g(image: float32[N,1,28,28]) -> (y: float32[N,784]) { y = Flatten(image) }'),
  'two-inputs.onnx': withGraph(`g(image: float32[N,1,28,28], other: float32[N,784]) -> (logits: float32[N,10]) {
    init w: float32[10,784] = [${weights(7840)}]
    f = Flatten(image)
    h = Add(f, other)
    logits = Gemm(h, w) { transB = 1 }
  }`),
  'future.onnx': { ...model, opsets: new Map([['', 99]]) },
};

const noise = (seed: number, length: number): Uint8Array => {
  const random = new Random(seed);
  return Uint8Array.from({ length }, () => random.below(256));
};

const html = '<!doctype html><p>no model';
const files: Readonly<Record<string, Uint8Array | string>> = {
  'empty.onnx': '',
  'empty.pith': '',
  'page.onnx': html,
  'cut.onnx': onnx.subarray(0, onnx.length / 2),
  'noise.onnx': noise(1, 5000),
  'noise.pith': noise(2, 5000),
  'signature.pith': Uint8Array.of(0x89, 0x50, 0x54, 0x48, ...noise(3, 1000)),
  'recipe.json': '{"version":1,"name":"x","steps":[{"use":"shear"}]}',
  'page.json': html,
};

const idxLabels = (count: number, label: number): Uint8Array =>
  Uint8Array.of(0, 0, 8, 1, 0, 0, 0, count, ...new Array<number>(count).fill(label));
const smallImages = (count: number): Uint8Array =>
  Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 14, 0, 0, 0, 14, ...noise(4, 196 * count));

/** Folders of data: what differs from good ones. */
const folders: Readonly<Record<string, Readonly<Record<string, Uint8Array | string>>>> = {
  'labels-missing': { 'train-labels-idx1-ubyte': idxLabels(199, 1) },
  'labels-outside': { 't10k-labels-idx1-ubyte': idxLabels(60, 200) },
  'twelve-classes': { 'train-labels-idx1-ubyte': idxLabels(200, 11) },
  'cut-images': { 't10k-images-idx3-ubyte': smallImages(60).subarray(0, 999) },
  'page-images': { 't10k-images-idx3-ubyte': html },
  'small-images': { 'train-images-idx3-ubyte': smallImages(200), 't10k-images-idx3-ubyte': smallImages(60) },
};

const folder = workFolder(async (at) => {
  for (const [name, contents] of Object.entries(files)) await writeFile(join(at, name), contents);
  for (const [name, bad] of Object.entries(models)) await saveModel(join(at, name), bad);
  for (const name of ['no-data', 'other-files']) await mkdir(join(at, name));
  await writeFile(join(at, 'other-files', 'notes.txt'), 'notes');
  for (const [name, changed] of Object.entries(folders)) {
    await mkdir(join(at, name));
    await writeIdx(join(at, name), digits);
    for (const [file, contents] of Object.entries(changed)) await writeFile(join(at, name, file), contents);
  }
});

let before: string[] = [];
beforeAll(async () => {
  before = await readdir(folder());
});

const train = (...words: string[]): string[] => ['train', ...words, '--epochs', '1', '-o', 'out.onnx'];
const compress = (...words: string[]): string[] => ['compress', ...words, '--epochs', '1', '-o', 'out.pith'];
const digitsToo = ['--data', 'digits'];

const compareWith = (...words: string[]): string[] => ['compare', ...words, '--epochs', '1', '-o', 'out'];

/** Words, exit code, and what the first lines say. */
const cases: readonly (readonly [words: readonly string[], code: number, says: RegExp])[] = [
  // usage
  [['trian'], 2, /unknown command 'trian'\nhint: {2}did you mean train\?/i],
  [['tiny.pith'], 2, /unknown command 'tiny.pith'\nhint: .*pith inspect tiny.pith/],
  [['inspect', 'tiny.onnx', '--jsno'], 2, /unknown option '--jsno'\nhint: {2}did you mean --json\?.*inspect --help/],
  [['inspect'], 2, /missing required argument 'file'/],
  [['inspect', 'tiny.onnx', 'tiny.onnx'], 2, /too many arguments/],
  [['decode', 'tiny.onnx'], 2, /-o, --output/],
  [['eval', 'tiny.onnx'], 2, /--data/],
  [['train', 'lenet-5', ...digitsToo], 2, /-o, --output/],
  [['train', 'lenet-5', '-o', 'out.onnx'], 2, /--data/],
  [train('lenet-9', ...digitsToo), 2, /lenet-300-100, lenet-5, .*got "lenet-9"\nhint: {2}did you mean "lenet-5"\?/],
  [train('lenet-9', '--data', 'absent'), 2, /got "lenet-9"/],
  [train('tiny.onnx', ...digitsToo, '--augment', 'spin'), 2, /spin/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'deep-compresion'), 2, /did you mean "deep-compression"\?/],
  [['compress', 'tiny.onnx', ...digitsToo, '-o', 'out.pith', '--recipe', 'recipe.json'], 2, /recipe.json.*shear/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'page.json'), 2, /page.json: expected JSON/],
  [compress('tiny.onnx', ...digitsToo, '--max-size', '44kb'), 2, /did you mean 44kB\?/],
  [compress('tiny.onnx', ...digitsToo, '--max-size', 'small'), 2, /44kB, 2200 \(bytes\) or 40x/],
  [compress('tiny.onnx', ...digitsToo, '--max-drop', 'none'), 2, /--max-drop.* number from 0, at most 100/],
  [compress('tiny.onnx', ...digitsToo, '--density', '0'), 2, /--density.* number above 0, at most 1/],
  [compress('tiny.onnx', ...digitsToo, '--rate', '1e-5'), 2, /what deep-compression takes: density, epochs/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--rate', '-1'), 2, /--rate.* number from 0/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--augment', 'twirl'), 2, /augment.*twirl/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--slim', '8,x'), 2, /--slim.* whole number from 1/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--slim', '8,8,8,8,8'), 2, /numbers of units, of .*weight/],
  ...['0', '1e-5,0', 'Infinity', 'NaN', '1e-5,x', ''].map((list): [string[], number, RegExp] => [
    compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--frontier', list),
    2,
    /--frontier.* number above 0/,
  ]),
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--frontier', '2e-5,1e-5'), 2, /each larger than the one before, got 0.00002,/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--frontier', '1e-5', '--rate', '1e-5'), 2, /a frontier, or one λ, got both/],
  [compress('tiny.onnx', ...digitsToo, '--frontier'), 2, /what deep-compression takes: density, epochs/],
  ...['Infinity', 'NaN', 'x'].map((rate): [string[], number, RegExp] => [
    compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--rate', rate),
    2,
    /--rate.* number from 0/,
  ]),
  [[...compress('tiny.onnx', ...digitsToo, '--recipe', 'rated'), '--teacher'], 2, /--teacher <files...>.* argument missing/],
  [compress('tiny.onnx', ...digitsToo, '--teacher', 'tiny.onnx'), 2, /what deep-compression takes: density, epochs/],
  [compress('tiny.onnx', ...digitsToo, '--epochs', '0'), 2, /--epochs.* whole number from 1/],
  [compress('tiny.onnx', ...digitsToo, '--seed', '-1'), 2, /--seed.* whole number from 0/],
  [compress('tiny.onnx', ...digitsToo, '--scale', 'big'), 2, /"scale".*0.5 or 1\/255/],
  [compress('tiny.onnx', ...digitsToo, '--run', 'digits'), 2, /digits: expected a folder that is empty/],
  [['compress', 'tiny.onnx', ...digitsToo, '-o', 'tiny.onnx'], 2, /tiny.onnx: expected an output other than the input/],
  [['compress', 'tiny.onnx', ...digitsToo, '-o', './digits/../tiny.onnx'], 2, /an output other than the input/],
  [compareWith('tiny.onnx', ...digitsToo, '--methods', 'P+Q+h'), 2, /some of P, Q, .*got "P\+Q\+h"\nhint: {2}did you mean "P\+Q\+H"\?/],
  [compareWith('tiny.onnx', ...digitsToo, '--methods', ''), 2, /some of P, Q, .*got ""/],
  [compareWith('tiny.onnx', ...digitsToo, '--points', '1'), 2, /--points.* whole number from 2 to 32/],
  [compareWith('tiny.onnx'), 2, /--data/],
  [['compare', 'tiny.onnx', ...digitsToo, '-o', 'digits'], 2, /digits: expected a folder that is empty/],
  [['eval', 'tiny.onnx', ...digitsToo, '--engine', 'ort'], 2, /onnxruntime, pith/],
  // models
  ...['inspect', 'doctor'].flatMap((command): [string[], number, RegExp][] => [
    [[command, 'empty.onnx'], 3, /empty.onnx: .*got an empty file/],
    [[command, 'page.onnx'], 3, /page.onnx, byte 0: .*got a web page/],
    [[command, 'signature.pith'], 3, /signature.pith: .*version 1/],
    [[command, 'future.onnx'], 3, /future.onnx: expected opset 1 to \d+, got 99/],
  ]),
  [['inspect', 'absent.onnx'], 3, /absent.onnx: .*got no such file\nhint: {2}check the path/],
  [['inspect', 'digits'], 3, /digits: .*got a folder/],
  [['inspect', '/dev/zero'], 3, /a device or pipe/],
  [['inspect', 'cut.onnx'], 3, /cut.onnx, byte \d+: .*\nhint: {2}the file is cut off/],
  [['inspect', 'noise.onnx'], 3, /noise.onnx/],
  [['decode', 'empty.pith', '-o', 'out.onnx'], 3, /empty.pith.*got an empty file/],
  [['decode', 'noise.pith', '-o', 'out.onnx'], 3, /noise.pith, byte 0: expected a .pith file, which begins with 89 50 54 48, got/],
  [['decode', 'signature.pith', '-o', 'out.onnx'], 3, /signature.pith/],
  [['decode', 'tiny.onnx', '-o', 'out.onnx'], 3, /tiny.onnx: expected a .pith file, got an ONNX file/],
  [train('absent.onnx', ...digitsToo), 3, /absent.onnx: .*no such file/],
  [compress('cut.onnx', ...digitsToo), 3, /cut.onnx/],
  [compress('unknown-operator.onnx', ...digitsToo), 3, /unknown-operator.onnx, op "Selu": .*rules.*\nhint: .*pith doctor/],
  [train('unknown-operator.onnx', ...digitsToo), 3, /op "Selu"/],
  [compress('two-inputs.onnx', ...digitsToo), 3, /two-inputs.onnx: expected a model with one input, the image, got 2: image, other/],
  [compress('no-classifier.onnx', ...digitsToo), 3, /tensor "y": expected logits \[N, classes\], got \[N, 1, 26, 26\]/],
  [compress('no-weights.onnx', ...digitsToo), 3, /no-weights.onnx: .*weights/],
  [compress('five-classes.onnx', ...digitsToo), 3, /at most 5 classes, the outputs of the model, got 10 classes in digits \(idx\)/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--teacher', 'five-classes.onnx'), 3, /five-classes.onnx.*logits \[N, 10\]/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--teacher', 'absent.onnx'), 3, /absent.onnx: .*no such file/],
  [compress('tiny.onnx', ...digitsToo, '--recipe', 'rated', '--teacher', 'nan.onnx'), 7, /nan.onnx.*finite logits, got NaN/],
  [compareWith('five-classes.onnx', ...digitsToo), 3, /at most 5 classes/],
  [compareWith('no-weights.onnx', ...digitsToo), 3, /no-weights.onnx: .*weights/],
  [compareWith('tiny.onnx', '--data', 'absent'), 3, /absent: expected a data set/],
  [compareWith('nan.onnx', ...digitsToo), 7, /nan.onnx, tensor "fc1.weight": expected finite numbers/],
  [compress('nan.onnx', ...digitsToo), 7, /nan.onnx, tensor "fc1.weight": expected finite numbers, got NaN at element 5/],
  [train('nan.onnx', ...digitsToo), 7, /NaN at element 5/],
  [['eval', 'nan.onnx', ...digitsToo], 7, /nan.onnx: expected finite outputs/],
  // data
  [train('lenet-5', '--data', 'absent'), 3, /absent: expected a data set, got nothing there/],
  [train('lenet-5', '--data', 'no-data'), 3, /no-data: .*train-images-idx3-ubyte.*got no file at all/],
  [train('lenet-5', '--data', 'other-files'), 3, /other-files: .*notes.txt/],
  [compress('tiny.onnx', '--data', 'labels-missing'), 3, /labels-missing.*one label for each of 200 images, got 199/],
  [compress('tiny.onnx', '--data', 'labels-outside'), 3, /labels-outside.*labels in 0 … 9.*got 200 for image 0/],
  [compress('tiny.onnx', '--data', 'twelve-classes'), 3, /at most 10 classes.*got 12 classes in twelve-classes/],
  [compress('tiny.onnx', '--data', 'cut-images'), 3, /t10k-images-idx3-ubyte, byte 999/],
  [compress('tiny.onnx', '--data', 'page-images'), 3, /t10k-images-idx3-ubyte, byte 0/],
  [compress('tiny.onnx', '--data', 'small-images'), 3, /images of \[1, 28, 28\].*got \[1, 14, 14\]\nhint: .*--size/],
  // runs
  [['resume', 'absent'], 3, /absent: expected a run folder, got no run.json in it/],
  [['report', 'digits'], 3, /digits: expected a run folder/],
  // outputs
  [['compress', 'tiny.onnx', ...digitsToo, '-o', 'no-folder/out.pith'], 6, /no-folder: expected a folder that exists, got none/],
  [['compress', 'tiny.onnx', ...digitsToo, '-o', 'tiny.onnx/out.pith'], 6, /tiny.onnx: expected a folder that exists, got a file/],
  [['compare', 'tiny.onnx', ...digitsToo, '-o', 'tiny.onnx/out'], 6, /tiny.onnx\/out.*a folder that exists/],
  [['compress', 'tiny.onnx', ...digitsToo, '-o', 'digits'], 6, /digits: expected a place for a file, got a folder/],
];

/** The error's text, without what was said of progress before it. */
const errorOf = ({ err }: Ended): string => err.slice(Math.max(0, err.indexOf('error: ')));

function expectFailure(ended: Ended, code: number, says: RegExp): void {
  expect(errorOf(ended)).toMatch(/^error: /);
  expect(errorOf(ended)).toMatch(says);
  expect(ended.code).toBe(code);
  expect(ended.err).not.toMatch(/^ +at /m);
  expect(errorOf(ended).split('\n').length, 'an error and a hint').toBeLessThanOrEqual(3);
  expect(ended.out).toBe('');
}

test.each(cases)('%j ends with %i and says what is wrong', async (words, code, says) => {
  expectFailure(await pithHere(words, { cwd: folder() }), code, says);
});

test.each(cases.filter((_, i) => i % 10 === 0))('%j ends the process with %i', async (words, code, says) => {
  expectFailure(await pith(words, { cwd: folder() }), code, says);
});

test.each([
  [['inspect', 'page.onnx', '--json'], 3, { code: expect.stringMatching(/^input\./), at: { file: 'page.onnx', byte: 0 } }],
  [['--json', ...compress('nan.onnx', ...digitsToo)], 7, { code: 'numeric.weight', at: { file: 'nan.onnx', tensor: 'fc1.weight' } }],
  [['compress', '--jsno', '--json'], 2, { code: 'usage.command' }],
  [['--json'], 2, { code: 'usage.command' }],
])('%j answers with one object', async (words, code, error) => {
  const ended = await pithHere(words, { cwd: folder() });
  expect(ended.code).toBe(code);
  expect(ended.out.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(ended.out)).toMatchObject({ pith: 1, command: words.find((w) => !w.startsWith('-')) ?? '', error });
});

test('Nothing has been written, and the input is as it was', async () => {
  expect(await readdir(folder())).toEqual(before);
  expect(new Uint8Array(await readFile(join(folder(), 'tiny.onnx')))).toEqual(new Uint8Array(onnx));
});

test('--debug shows where an error came from', async () => {
  expect((await pith(['inspect', 'page.onnx', '--debug'], { cwd: folder() })).err).toMatch(/^ +at /m);
});
