/**
 * IDX, the format of MNIST (LeCun, Cortes, Burges): big-endian magic 0 0 type rank, one 32-bit size for each axis, then the numbers. Read
 * under the names that MNIST, Fashion-MNIST, KMNIST and QMNIST use, gzipped or not. Bytes only (type 8), which is all that image sets use.
 */
import { PithError } from '../../base/errors.js';
import { sizeOf } from '../../base/tensor.js';
import { checkDataset, numberedClasses, type Split } from '../dataset.js';
import { fileOf, readUnzipped, sharedBytes, type Tree } from '../tree.js';
import type { Source } from './source.js';

/** Finds `train-images-idx3-ubyte`, also with a dot before idx, also `.gz`. */
function find(tree: Tree, part: 'train' | 'test', what: 'images' | 'labels'): string | undefined {
  const pattern = new RegExp(`^${part === 'train' ? 'train' : '(?:t10k|test)'}-${what}[-.]idx[0-9]-ubyte(?:\\.gz)?$`);
  return tree.paths.find((path) => pattern.test(path));
}

export const idx: Source = {
  name: 'idx',
  holds: 'train-images-idx3-ubyte, train-labels-idx1-ubyte and the same for t10k, gzipped or not (MNIST)',
  slow: false,
  matches: (tree) => find(tree, 'train', 'images') !== undefined || find(tree, 'test', 'images') !== undefined,
  open: async (tree, { classes, maxBytes }) => {
    const train = await readSplit(tree, 'train', maxBytes);
    const test = await readSplit(tree, 'test', maxBytes);
    const name = (part: 'train' | 'test') => fileOf(tree, find(tree, part, 'images')!);
    return checkDataset(
      { name: 'idx', classes: numberedClasses(train.labels, classes), train, test },
      { train: name('train'), test: name('test') },
    );
  },
};

async function readSplit(tree: Tree, part: 'train' | 'test', maxBytes: number): Promise<Split> {
  const read = async (what: 'images' | 'labels') => {
    const path = find(tree, part, what);
    if (path === undefined)
      throw new PithError('input.file-missing', {
        at: { file: tree.name },
        expected: `${part === 'train' ? 'train' : 't10k'}-${what}-idx${what === 'images' ? 3 : 1}-ubyte or the same with .gz`,
        got: tree.paths.slice(0, 8).join(', '),
        fix: 'put all four files into one folder',
      });
    return parseIdx(await readUnzipped(tree, path, maxBytes), what === 'images' ? [3, 4] : [1], fileOf(tree, path));
  };
  const images = await read('images');
  const labels = await read('labels');
  const [count, ...size] = images.dims as [number, ...number[]];
  const [channels, height, width] = (size.length === 2 ? [1, ...size] : size) as [number, number, number];
  const shared = sharedBytes(images.data.length);
  shared.set(images.data);
  return { images: shared, count, channels, height, width, labels: Uint16Array.from(labels.data) };
}

/** The sizes and the bytes of an IDX file. Throws `input.idx`, `limit.shape`. */
function parseIdx(
  bytes: Uint8Array,
  ranks: readonly number[],
  file: string,
): { readonly dims: readonly number[]; readonly data: Uint8Array } {
  const wrong = (expected: string, got: string, byte: number) =>
    new PithError('input.idx', { at: { file, byte }, expected, got, fix: 'fetch the file again; it must be IDX, as MNIST comes' });
  const magic = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
  const rank = bytes[3] ?? 0;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || !ranks.includes(rank))
    throw wrong(`the bytes ${ranks.map((r) => `00 00 08 0${r}`).join(' or ')}`, magic || 'an empty file', 0);
  const head = 4 + 4 * rank;
  if (bytes.length < head) throw wrong(`a head of ${head} bytes`, `${bytes.length} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, head);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = sizeOf(dims);
  if (bytes.length !== head + size)
    throw wrong(`${head + size} bytes for [${dims}]`, `${bytes.length} bytes`, Math.min(bytes.length, head + size));
  return { dims, data: bytes.subarray(head) };
}
