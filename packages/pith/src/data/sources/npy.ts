/**
 * Pairs of NumPy arrays, train-images.npy with train-labels.npy and the same for test. Format: NumPy enhancement proposal 1, versions 1 to
 * 3. Images are [N,H,W], [N,C,H,W] or [N,H,W,C], bytes or floats; labels [N], any whole-number type. Not here: .npz, Fortran order,
 * big-endian numbers, Python objects.
 */
import { PithError } from '../../base/errors.js';
import { sizeOf } from '../../base/tensor.js';
import { checkDataset, numberedClasses, type Split } from '../dataset.js';
import { fileOf, readUnzipped, sharedBytes, type Tree } from '../tree.js';
import type { Source, SourceOptions } from './source.js';

const kinds = {
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '|b1': Uint8Array,
  '<f2': Uint16Array,
  '<u2': Uint16Array,
  '<i2': Int16Array,
  '<u4': Uint32Array,
  '<i4': Int32Array,
  '<u8': BigUint64Array,
  '<i8': BigInt64Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;
type Kind = keyof typeof kinds;
export const everyKind = Object.keys(kinds) as readonly Kind[];
const imageKinds: readonly Kind[] = ['|u1', '<f4', '<f8'];
const labelKinds: readonly Kind[] = ['|u1', '|i1', '<u2', '<i2', '<u4', '<i4', '<u8', '<i8'];

/** Half-precision numbers (`<f2`) as bits. */
export interface NpyArray {
  readonly kind: Kind;
  readonly dims: readonly number[];
  readonly data: InstanceType<(typeof kinds)[Kind]>;
}

const pathOf = (part: string, what: string) => `${part}-${what}.npy`;

export const npy: Source = {
  name: 'npy',
  holds: 'train-images.npy, train-labels.npy, test-images.npy, test-labels.npy (NumPy arrays)',
  slow: false,
  matches: (tree) => tree.paths.includes(pathOf('train', 'images')) || tree.paths.includes(pathOf('test', 'images')),
  open: async (tree, options) => {
    const train = await readSplit(tree, 'train', options);
    const test = await readSplit(tree, 'test', options);
    return checkDataset(
      { name: 'npy', classes: numberedClasses(train.labels, options.classes), train, test },
      { train: fileOf(tree, pathOf('train', 'images')), test: fileOf(tree, pathOf('test', 'images')) },
    );
  },
};

async function readSplit(tree: Tree, part: 'train' | 'test', { axes, maxBytes }: SourceOptions): Promise<Split> {
  const read = async (what: 'images' | 'labels', allowed: readonly Kind[]) => {
    const path = pathOf(part, what);
    if (!tree.paths.includes(path))
      throw new PithError('input.file-missing', {
        at: { file: tree.name },
        expected: path,
        got: tree.paths.slice(0, 8).join(', '),
        fix: 'save all four arrays into one folder',
      });
    const file = fileOf(tree, path);
    return { file, ...parseNpy(await readUnzipped(tree, path, maxBytes), allowed, file) };
  };
  const images = await read('images', imageKinds);
  const labels = await read('labels', labelKinds);
  if (labels.dims.length !== 1)
    throw new PithError('input.npy', { at: { file: labels.file }, expected: 'labels of shape [N]', got: `[${labels.dims}]` });
  const label = (value: number | bigint, i: number): number => {
    const n = Number(value);
    if (n < 0 || n > 65_535)
      throw new PithError('input.label', {
        at: { file: labels.file },
        expected: 'labels in 0 … 65535',
        got: `${value} for image ${i}`,
        fix: 'number the classes from 0',
      });
    return n;
  };
  return { ...imagesOf(images, axes), labels: Uint16Array.from<number | bigint>(labels.data as ArrayLike<number | bigint>, label) };
}

function imagesOf({ file, dims, data }: NpyArray & { readonly file: string }, axes: 'chw' | 'hwc' | undefined): Omit<Split, 'labels'> {
  const few = (d: number | undefined) => d === 1 || d === 3 || d === 4;
  const last = dims.length === 4 && (axes === 'hwc' || (axes === undefined && !few(dims[1]) && few(dims[3])));
  if (dims.length !== 3 && dims.length !== 4)
    throw new PithError('input.npy', {
      at: { file },
      expected: 'images of shape [N,H,W], [N,C,H,W] or [N,H,W,C]',
      got: `[${dims}]`,
      fix: 'reshape the array before saving it',
    });
  const [count, channels, height, width] = (
    dims.length === 3 ? [dims[0], 1, dims[1], dims[2]] : last ? [dims[0], dims[3], dims[1], dims[2]] : dims
  ) as [number, number, number, number];
  const source = data as Uint8Array | Float32Array | Float64Array;
  const memory = sharedBytes(source.length * (source instanceof Uint8Array ? 1 : 4));
  const images = source instanceof Uint8Array ? memory : new Float32Array(memory.buffer);
  if (!last) images.set(source);
  else {
    const area = height * width;
    for (let n = 0; n < count; n++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < area; i++) images[(n * channels + c) * area + i] = source[(n * area + i) * channels + c]!;
  }
  return { images, count, channels, height, width };
}

/** Reads one array. Throws `input.npy`, `limit.shape`, and `unsupported.npy` for types that pith does not take here. */
export function parseNpy(bytes: Uint8Array, allowed: readonly Kind[], file: string): NpyArray {
  const wrong = (expected: string, got: string, byte = 0) =>
    new PithError('input.npy', { at: { file, byte }, expected, got, fix: 'save it again with numpy.save' });
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93)
    throw wrong('the magic \\x93NUMPY', `${bytes.length} bytes that start otherwise`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes[6]! >= 2;
  if (bytes[6]! < 1 || bytes[6]! > 3) throw wrong('format version 1, 2 or 3', String(bytes[6]), 6);
  const start = long ? 12 : 10;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw wrong(`a header of ${end - start} bytes`, `${bytes.length - start} bytes`, 8);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const kind = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (kind === undefined || shape === undefined) throw wrong("'descr' and 'shape'", header.trim().slice(0, 80), start);
  const known = allowed.find((name) => name === kind);
  if (known === undefined || /'fortran_order':\s*True/.test(header))
    throw new PithError('unsupported.npy', {
      at: { file },
      expected: `${allowed.join(', ')} in C order`,
      got: known === undefined ? kind : 'Fortran order',
      fix: 'convert it: numpy.ascontiguousarray(a).astype("uint8")',
    });
  const dims = shape
    .split(',')
    .filter((word) => word.trim() !== '')
    .map(Number);
  const array = kinds[known];
  const expected = sizeOf(dims) * array.BYTES_PER_ELEMENT;
  if (bytes.length - end !== expected) throw wrong(`${expected} bytes for [${dims}]`, `${bytes.length - end} bytes`, end);
  const body = bytes.slice(end); // a copy of its own, since the header may end at an odd byte
  return { kind: known, dims, data: new array(body.buffer, body.byteOffset, expected / array.BYTES_PER_ELEMENT) };
}

/** An array as a file of version 1, its data where a cache line begins. */
export function formatNpy({ kind, dims, data }: Omit<NpyArray, 'data'> & { readonly data: ArrayBufferView }): Uint8Array {
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape}), }`;
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(start + data.byteLength).fill(0x20, 0, start);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  out.set(new TextEncoder().encode(text), 10);
  out[start - 1] = 0x0a;
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return out;
}
