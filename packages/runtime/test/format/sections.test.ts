/** How tensors are put into sections: what repeats is stored once, what is all alike costs almost nothing, large ones stand alone. */
import { describe, expect, test } from 'vitest';
import { writeFrame } from '../../src/format/frame.js';
import { readPith, toModel } from '../../src/format/read.js';
import { type CoderChoice, groupTensors } from '../../src/format/sections.js';
import type { PithReport } from '../../src/format/sizes.js';
import { dimsOfStored, type StoredTensor } from '../../src/format/stored.js';
import { naturalView, type UniformStored } from '../../src/format/uniform.js';
import { writePith } from '../../src/format/write.js';
import type { Tensor } from '../../src/tensor.js';
import { words } from '../help/crafted.js';
import { errorOf } from '../help/expect-code.js';
import { bell, floats, model, random } from '../help/models.js';
import { plainGraph } from './broken/frame.js';

const write = (tensors: Readonly<Record<string, StoredTensor>>, coder: CoderChoice = 'smallest') =>
  writePith({ model: model({ inputs: [], outputs: [], nodes: [] }), stored: new Map(Object.entries(tensors)), coder });
const dense = (tensor: Tensor): StoredTensor => ({ kind: 'dense', tensor });
const sectionBytes = ({ sections }: PithReport): number[] => sections.filter(({ kind }) => kind === 'tensors').map(({ bytes }) => bytes);
const levels = (rows: number, columns: number, of: (row: number, column: number) => number): UniformStored => ({
  kind: 'uniform',
  dtype: 'float32',
  dims: [rows, columns],
  view: naturalView([rows, columns], false),
  levels: Int32Array.from({ length: rows * columns }, (_, i) => of(Math.floor(i / columns), i % columns)),
  grid: 'trellis',
  step: -60,
  rowSteps: null,
  columnSteps: null,
});

describe('metadata and graph', () => {
  const file = (size: number, source: string) =>
    writePith({
      model: model({ inputs: [], outputs: [], nodes: [] }),
      stored: new Map([
        ['w', dense({ dtype: 'uint8', dims: [size], data: Uint8Array.from({ length: size }, (_, i) => (i * i * 40503) >> 7) })],
      ]),
      metadata: new Map([
        ['source', source],
        ['seed', '7'],
      ]),
      coder: 'raw',
    });
  const kinds = ({ report }: ReturnType<typeof file>): string[] => report.sections.map(({ kind }) => kind);

  test('are one section in a small file, two in one of more than 64 KiB', () => {
    expect(kinds(file(65_000, 'ab'))).toEqual(['header', 'words', 'tensors']);
    expect(kinds(file(65_500, 'ab'))).toEqual(['header', 'metadata', 'graph', 'tensors']);
    expect(kinds(file(66_000, 'ab'))).toEqual(['header', 'metadata', 'graph', 'tensors']);
  });

  test.each<[string, number[][], string]>([
    ['of layers', [[5, 3], [5], [7, 5], [7]], 'words'],
    ['of none, one and none', [[], [3], [], [3, 3]], 'words'],
    ['of none at all', [[2, 0], [2], [0, 2]], 'graph'],
  ])('keep all dims, %s', (_, dims, kind) => {
    const tensors = dims.map((of, i): [string, StoredTensor] => [
      `w${i}`,
      dense({ dtype: 'uint8', dims: of, data: new Uint8Array(of.reduce((a, b) => a * b, 1)).fill(i) }),
    ]);
    const { bytes } = writePith({
      model: model({ inputs: [], outputs: [], nodes: [] }),
      stored: new Map(tensors),
      metadata: new Map([['seed', '7']]),
    });
    const { report, tensors: read } = readPith(bytes);
    expect(report.sections.map((section) => section.kind)).toContain(kind);
    expect([...read.values()].map(dimsOfStored)).toEqual(dims);
  });

  test.each(['19fd44b270b1d4a51525bd36c10a26b7', '19FD', '19f', '', 'https://example.org/m.onnx'])('keep the source %j', (source) => {
    const { bytes, report } = file(10, source);
    expect(readPith(bytes)).toMatchObject({ metadata: new Map([['seed', '7'], ['source', source]]), report }); // biome-ignore format: one line says more
  });

  test('have a source of hexadecimal digits in half as many bytes', () => {
    const [short, long] = [file(10, '19fd44b2'), file(10, '19fd44b270b1d4a51525bd36c10a26b7')];
    expect(long.bytes.length - short.bytes.length).toBe(12);
  });
});

describe('tensors that repeat another', () => {
  const next = random(3);
  const [one, two] = [floats([40, 50], next), floats([40, 50], next)];
  const once = write({ a: dense(one), b: dense(two) });
  const twice = write({ a: dense(one), b: dense(two), c: dense(one), d: dense({ ...two, data: two.data.slice() }) });

  test('are stored once, and read as the same object', () => {
    expect(twice.bytes.length - once.bytes.length).toBeLessThan(20);
    const { tensors } = readPith(twice.bytes);
    expect(tensors.get('c')).toBe(tensors.get('a'));
    expect(tensors.get('d')).toBe(tensors.get('b'));
    const { initializers } = toModel(readPith(twice.bytes)).graph;
    expect([...initializers.keys()]).toEqual(['a', 'b', 'c', 'd']);
    expect(initializers.get('d')?.data).toEqual(two.data);
  });

  test('say so in the report, and take no bytes of their own', () => {
    expect(twice.report.tensors.map(({ coder, bytes }) => [coder === 'repeat', bytes === 0])).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [true, true],
    ]);
    expect(readPith(twice.bytes).report).toEqual(twice.report);
  });

  test('are others where type, shape, parametrization or a single bit is another', () => {
    const near = one.data.slice() as Float32Array;
    near[1234]! += 1;
    const { report } = write({
      a: dense(one),
      shape: dense({ ...one, dims: [50, 40] }),
      bits: dense({ ...one, data: near }),
      type: dense({ dtype: 'int32', dims: one.dims, data: new Int32Array((one.data as Float32Array).slice().buffer) }),
    });
    expect(report.tensors.filter(({ coder }) => coder === 'repeat')).toEqual([]);
  });
});

describe('tensors that are all alike', () => {
  test.each<[string, StoredTensor]>([
    ['zeros', dense({ dtype: 'float32', dims: [512, 512], data: new Float32Array(512 * 512) })],
    ['ones of float16', dense({ dtype: 'float16', dims: [512, 512], data: new Uint16Array(512 * 512).fill(0x3c00) })],
    ['levels of zero', levels(512, 512, () => 0)],
    ['a sparse tensor of nothing', { kind: 'sparse', dims: [512, 512], values: new Float32Array(0), positions: new Uint32Array(0) }],
  ])('cost a few bytes: %s', (_, stored) => {
    // rans keeps four states for each plane of bytes
    for (const [coder, most] of [['mix', 32], ['huffman', 32], ['rans', 96]] as const) // biome-ignore format: a table
      expect(sectionBytes(write({ w: stored }, coder).report)[0]).toBeLessThan(most);
  });

  test('rows and columns of zeros cost next to nothing beside the others', () => {
    const next = random(5);
    const rows = Array.from({ length: 128 }, () => next() < 0.5);
    const columns = Array.from({ length: 128 }, () => next() < 0.5);
    const live = (list: readonly boolean[]): number => list.filter(Boolean).length;
    const draw = (): number => Math.round(bell(next) * 1.5);
    const [with0] = sectionBytes(write({ w: levels(128, 128, (r, c) => (rows[r] && columns[c] ? draw() : 0)) }, 'mix').report);
    const [without] = sectionBytes(write({ w: levels(live(rows), live(columns), draw) }, 'mix').report);
    expect(with0!).toBeLessThan(1.08 * without!);
  });
});

describe('digests', () => {
  const graph = words(2, plainGraph);
  const filled = (length: number): Uint8Array =>
    writeFrame(plainGraph.length, [graph, { kind: 200, bytes: new Uint8Array(length).fill(7) }]).bytes;
  const features = (file: Uint8Array): number => file[6]!;
  // two lines of a table, one of them with a length of three bytes, and a root
  const beside = 5 + 1 + 3 + 2 + 5 + 16 + graph.bytes.length;

  test('are one where the file is of 64 KiB at most, one for each section and the root where it is larger', () => {
    const [last, first] = [filled(2 ** 16 - beside), filled(2 ** 16 - beside + 1)];
    expect([features(last), last.length]).toEqual([1, 2 ** 16]);
    expect([features(first), first.length]).toEqual([0, 2 ** 16 + 1 + 2 * 16]);
    for (const file of [last, first]) expect(readPith(file).report.bytes).toBe(file.length);
  });

  test('name the file: one bit elsewhere, another root', () => {
    const roots = [0, 1].map(
      (bit) => readPith(writeFrame(plainGraph.length, [graph, { kind: 200, bytes: Uint8Array.of(bit) }]).bytes).report.root,
    );
    expect(roots[0]).not.toBe(roots[1]);
  });
});

describe('sections', () => {
  const gathered = (...sizes: readonly number[]) =>
    sizes.map((size, i) => ({ declared: { name: `w${i}`, dtype: 'int8' as const, dims: [size] }, stored: levels(1, 1, () => 0) }));
  const million = 1 << 20;

  test.each<[string, number[], number[][]]>([
    ['small tensors share one', [10, 20, 30], [[10, 20, 30]]],
    ['it ends where it is full', [3 * million, 2 * million, 5], [[3 * million, 2 * million], [5]]],
    ['a large one takes few with it', [100, 9 * million, 7], [[100, 9 * million], [7]]],
    ['a large one leaves many alone', [2 * million, 9 * million], [[2 * million], [9 * million]]],
    ['nothing is no section', [], []],
  ])('%s', (_, sizes, groups) => {
    expect(groupTensors(gathered(...sizes)).map((group) => group.map(({ declared }) => declared.dims[0]))).toEqual(groups);
  });

  test('the coder that is asked for is taken, and the smallest is not larger than any', () => {
    const next = random(9);
    const tensors = { w: levels(40, 60, () => Math.round(bell(next) * 2)), b: dense(floats([40], next)) };
    const sizes = (['huffman', 'mix', 'rans', 'raw'] as const).map((coder) => {
      const { bytes, report } = write(tensors, coder);
      expect([coder, 'raw']).toContain(report.tensors[0]?.coder);
      return bytes.length;
    });
    expect(write(tensors).bytes.length).toBe(Math.min(...sizes));
    expect(errorOf(() => write(tensors, 'zip' as CoderChoice)).detail.at?.option).toBe('coder');
  });
});
