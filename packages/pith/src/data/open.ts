/**
 * The way in: a path becomes a data set, whatever lies there. Node only. The kinds are in list.ts; digits that need no file are in
 * synthetic.ts.
 */
import { checkSignal, PithError } from '../base/errors.js';
import { checkKeys } from '../base/options.js';
import { cacheFile, defaultCacheFolder, readCache, writeCache } from './cache.js';
import { checkSameSize, type Dataset } from './dataset.js';
import { sources } from './list.js';
import { resizeSplit } from './resize.js';
import { findPlace, type ReadProgress, type Tree, unwrap } from './tree.js';

export interface OpenOptions {
  /** Brings all images to one side, or to [height, width]. Without it, images that differ are refused. */
  readonly size?: number | readonly [number, number];
  /** Image folders: read all as gray (1) or all as colour (3). Default: as the first image is; colour among gray is refused. */
  readonly channels?: 1 | 3;
  /** Names of the classes for IDX and npy, which hold numbers only. Default: '0', '1', … up to the largest training label. */
  readonly classes?: readonly string[];
  /** npy arrays of rank 4: [N,C,H,W] or [N,H,W,C]. Default: whichever axis looks like channels. */
  readonly layout?: 'chw' | 'hwc';
  /** Keep decoded images for next time: true (in the user's cache folder), a folder, or false. Default true. */
  readonly cache?: boolean | string;
  /** Most bytes that the data may take in memory. Default 4 GiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Bytes read of an archive, then images decoded. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

const keys = { size: 1, channels: 1, classes: 1, layout: 1, cache: 1, maxBytes: 1, signal: 1, onProgress: 1 } as const;

/**
 * Opens the data set in a folder or tar archive. Throws `input.data-unknown` where nothing is recognised, `input.file-missing` where
 * nothing is there, and what the sources throw: `input.data-empty`, `input.data-count`, `input.label`, `input.image-size`, `input.image`,
 * `input.classes`, `input.idx`, `input.npy`, `input.cifar`, `input.gzip`, `input.tar`, `limit.data`, `limit.shape`.
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  checkKeys('openDataset', options, keys);
  const { channels, classes, layout, cache = true, maxBytes = 2 ** 32, signal, onProgress = () => undefined } = options;
  const size = sizeOption(options.size);
  checkSignal(signal);
  const context = { size, channels, classes, axes: layout, maxBytes, signal, onProgress };
  const place = await findPlace(path, context);
  const folder = cache === true ? defaultCacheFolder() : cache;
  const kept = folder === false ? undefined : cacheFile(folder, await place.stamp(), { size, channels });
  const known = kept === undefined ? undefined : await readCache(kept, maxBytes);
  checkSignal(signal);
  if (known) return known;
  const tree = await place.tree();
  const { source, at } = recognise(tree);
  let data = await source.open(at, context);
  if (size) data = { ...data, train: resizeSplit(data.train, size), test: resizeSplit(data.test, size) };
  checkSameSize(data, place.name);
  if (source.slow && folder !== false && kept !== undefined) await writeCache(folder, kept, data);
  return data;
}

function sizeOption(size: OpenOptions['size']): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  for (const side of [height, width])
    if (!Number.isInteger(side) || side < 1 || side > 16_384)
      throw new PithError('usage.option', { at: { option: 'size' }, expected: 'whole sides in 1 … 16384', got: `${height}×${width}` });
  return [height, width];
}

function recognise(tree: Tree): { readonly source: (typeof sources)[number]; readonly at: Tree } {
  for (let at: Tree | undefined = tree; at; at = unwrap(at)) {
    const found = at;
    const source = sources.find((candidate) => candidate.matches(found));
    if (source) return { source, at };
  }
  const holds = sources.map((source) => source.holds).join('; or ');
  if (tree.paths.length === 0)
    throw new PithError('input.data-empty', {
      at: { file: tree.name },
      expected: holds,
      got: 'no file at all',
      fix: 'point --data at the folder that holds the data',
    });
  throw new PithError('input.data-unknown', {
    at: { file: tree.name },
    expected: holds,
    got: `${tree.paths.length} other files (${tree.paths.slice(0, 5).join(', ')})`,
    fix: 'rename the files, or bring them into one of these forms',
  });
}
