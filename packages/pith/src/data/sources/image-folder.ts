/**
 * An image folder: train/<class>/* and test/<class>/*, as folder or archive, JPEG, PNG or WebP, decoded by sharp (libvips). Classes are
 * the folder names in code-unit order. Colour profiles and orientation marks are ignored and transparency dropped, as Pillow's
 * `convert('RGB')` does; JPEG gives the same bytes as libjpeg-turbo in Pillow. Other files in a class folder are passed over.
 */
import sharp from 'sharp';
import { checkSignal, PithError } from '../../base/errors.js';
import { checkDataset, type ImageShape, pixelsOf, type Split } from '../dataset.js';
import { resizer } from '../resize.js';
import { fileOf, sharedBytes, type Tree, tooLarge } from '../tree.js';
import type { Source, SourceOptions } from './source.js';

const file = /^(train|test)\/([^/]+)\/[^/]+\.(?:jpe?g|png|webp)$/i;

/** libuv decodes on four threads by default; a few more requests keep them busy. */
const LANES = 8;
/** A larger picture in a data set is a mistake or an attack. */
const MAX_PIXELS = 100_000_000;

export const imageFolder: Source = {
  name: 'image-folder',
  holds: 'train/<class>/*.jpg and test/<class>/*.jpg (or .png, .webp), also as one .tar or .tar.gz',
  slow: true,
  matches: (tree) => tree.paths.some((path) => file.test(path)),
  open: async (tree, options) => {
    const train = classFiles(tree, 'train');
    const test = classFiles(tree, 'test');
    const classes = [...train.keys()].sort();
    const differing = [...classes.filter((c) => !test.has(c)), ...[...test.keys()].filter((c) => !train.has(c))];
    if (differing.length > 0)
      throw new PithError('input.classes', {
        at: { file: tree.name },
        expected: `the same class folders in train (${classes.length}) and test (${test.size})`,
        got: `only in one of them: ${differing.slice(0, 5).join(', ')}`,
        fix: 'add the missing folders with at least one image each',
      });
    if (classes.length > 65_536)
      throw new PithError('limit.data', { at: { file: tree.name }, expected: 'at most 65536 classes', got: String(classes.length) });
    const parts = { train: listed(train, classes), test: listed(test, classes) };
    const shape = await firstShape(tree, parts.train.paths[0]!, options);
    const total = parts.train.paths.length + parts.test.paths.length;
    const bytes = total * pixelsOf(shape);
    if (bytes > options.maxBytes) throw tooLarge(tree.name, bytes, options.maxBytes);
    const before = { train: 0, test: parts.train.paths.length };
    const decodePart = (part: 'train' | 'test') =>
      decodeAll(tree, parts[part], shape, options, (done) => options.onProgress({ phase: 'decode', done: before[part] + done, total }));
    const data = { name: 'image-folder', classes, train: await decodePart('train'), test: await decodePart('test') };
    return checkDataset(data, { train: fileOf(tree, 'train'), test: fileOf(tree, 'test') });
  },
};

function classFiles(tree: Tree, part: 'train' | 'test'): Map<string, string[]> {
  const classes = new Map<string, string[]>();
  for (const path of tree.paths) {
    const found = file.exec(path);
    if (found?.[1] !== part) continue;
    const list = classes.get(found[2]!);
    if (list) list.push(path);
    else classes.set(found[2]!, [path]);
  }
  return classes;
}

export interface Listed {
  readonly paths: readonly string[];
  readonly labels: Uint16Array;
}

const listed = (files: ReadonlyMap<string, readonly string[]>, classes: readonly string[]): Listed => ({
  paths: classes.flatMap((name) => files.get(name)!),
  labels: Uint16Array.from(classes.flatMap((name, label) => files.get(name)!.map(() => label))),
});

interface Decoded {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3]; gray images have three equal values. */
  readonly data: Uint8Array;
}

const read = (bytes: Uint8Array) => sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, ignoreIcc: true });

async function decode(tree: Tree, path: string): Promise<Decoded> {
  const bytes = await tree.read(path);
  try {
    const { data, info } = await read(bytes).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return { data, height: info.height, width: info.width };
  } catch (error) {
    throw new PithError(
      'input.image',
      {
        at: { file: fileOf(tree, path) },
        expected: `a whole JPEG, PNG or WebP image of at most ${MAX_PIXELS} pixels`,
        got: error instanceof Error ? error.message : String(error),
        fix: 'replace or remove the file',
      },
      { cause: error },
    );
  }
}

/** The shape that all images get: the first one's, unless the options say otherwise. */
export async function firstShape(tree: Tree, path: string, { size, channels }: SourceOptions): Promise<ImageShape> {
  const first = await decode(tree, path);
  const stored = (await read(await tree.read(path)).metadata()).channels;
  return { channels: channels ?? (stored < 3 ? 1 : 3), height: size?.[0] ?? first.height, width: size?.[1] ?? first.width };
}

/** Every image as planes of bytes, in the order of the list. */
export async function decodeAll(
  tree: Tree,
  { paths, labels }: Listed,
  shape: ImageShape,
  options: SourceOptions,
  onDone: (done: number) => void,
): Promise<Split> {
  const size = pixelsOf(shape);
  const images = sharedBytes(paths.length * size);
  let next = 0;
  let done = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < paths.length && !failed) {
      checkSignal(options.signal);
      const n = next++;
      const image = await decode(tree, paths[n]!);
      place(image, shape, images.subarray(n * size, (n + 1) * size), options, fileOf(tree, paths[n]!));
      if (++done % 256 === 0 || done === paths.length) onDone(done);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await lane();
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: LANES }, guarded));
  return { images, count: paths.length, ...shape, labels };
}

/** Puts one decoded image as planes into its place. Throws `input.image-size`, `input.image-channels`. */
function place(image: Decoded, shape: ImageShape, out: Uint8Array, { size, channels }: SourceOptions, path: string): void {
  const same = image.height === shape.height && image.width === shape.width;
  if (!same && !size)
    throw new PithError('input.image-size', {
      at: { file: path },
      expected: `an image of ${shape.height}×${shape.width} as the first one is`,
      got: `${image.height}×${image.width}`,
      fix: 'give --size to bring all images to one size',
    });
  const { data } = image;
  const area = image.height * image.width;
  const planes = same ? out : new Uint8Array(shape.channels * area);
  if (shape.channels === 3) for (let c = 0; c < 3; c++) for (let i = 0; i < area; i++) planes[c * area + i] = data[3 * i + c]!;
  else
    for (let i = 0; i < area; i++) {
      const [r, g, b] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
      if (channels === undefined && (r !== g || g !== b))
        throw new PithError('input.image-channels', {
          at: { file: path },
          expected: 'a gray image as the first one is',
          got: 'a colour image',
          fix: 'set the option channels: 3 reads all as colour, 1 all as gray',
        });
      planes[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16; // ITU-R 601 in 16 bits, as Pillow's convert('L')
    }
  if (same) return;
  const resized = new Float64Array(out.length);
  resizer({ ...image, channels: shape.channels }, shape.height, shape.width)(planes, 0, resized);
  for (let i = 0; i < resized.length; i++) out[i] = Math.round(resized[i]!);
}
