/** Data from a path or from memory, with a fingerprint by which a run that is resumed knows that they are still the same. */
import { basename, resolve } from 'node:path';
import { PithError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import { checkOption } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import type { Dataset, Split } from '../data/dataset.js';
import { type OpenOptions, openDataset } from '../data/open.js';
import { formatPreprocess, type Preprocess, parsePreprocess, preprocessFor } from '../data/preprocess.js';

/** What of the reading of data can be chosen, and is kept in a run folder. */
export type DataOptions = Pick<OpenOptions, 'size' | 'channels' | 'classes' | 'layout'>;

export interface OpenedData {
  readonly data: Dataset;
  /** Absolute; undefined for data in memory. */
  readonly path: string | undefined;
  readonly fingerprint: string;
}

export async function openData(
  source: string | Dataset,
  options: DataOptions & Pick<OpenOptions, 'signal' | 'onProgress'> = {},
): Promise<OpenedData> {
  if (typeof source !== 'string') {
    const given = source as Dataset | undefined;
    checkOption('data', 'a path, or a data set with its parts train and test', source, Boolean(given?.train && given.test));
  }
  const data = typeof source === 'string' ? named(await openDataset(source, options), source) : source;
  return { data, path: typeof source === 'string' ? resolve(source) : undefined, fingerprint: fingerprintOf(data) };
}

/** `mnist (idx)`: what a folder holds says less than what somebody called it. */
const named = (data: Dataset, path: string): Dataset => ({ ...data, name: `${basename(resolve(path)) || path} (${data.name})` });

const fingerprintOf = ({ train, test }: Dataset): string =>
  sha256(
    ...[train, test].flatMap(({ images, labels }: Split) =>
      [images, labels].map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)),
    ),
  );

/** How pixels become numbers: what the model's metadata say, or the default for these images, changed by what is given. */
export function preprocessOf(model: Model, data: Dataset, given: Partial<Preprocess> = {}): Preprocess {
  return parsePreprocess(formatPreprocess({ ...parsePreprocess(model.metadata, preprocessFor(data.train)), ...given }));
}

/**
 * Images that the network cannot take are refused before anything long is begun. Throws `unsupported.inputs` for a model that takes more
 * than an image, `input.image-size`.
 */
export function checkFits(model: Model, data: Dataset, preprocess: Preprocess): void {
  const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  const [input] = inputs;
  if (inputs.length !== 1)
    throw new PithError('unsupported.inputs', {
      expected: 'a model with one input, the image',
      got: `${inputs.length}: ${inputs.map((v) => v.name).join(', ')}`,
      fix: 'pith trains and measures classifiers of one image',
    });
  const { channels, height, width } = data.test;
  const given = preprocess.layout === 'flat' ? [channels * height * width] : [channels, height, width];
  const wanted = input?.dims?.slice(1);
  const fits = wanted && wanted.length === given.length && wanted.every((d, i) => typeof d !== 'number' || d === given[i]);
  if (!fits)
    throw new PithError('input.image-size', {
      at: { tensor: input?.name ?? '' },
      expected: `images of [${wanted?.join(', ') ?? 'unknown'}], as the model's input`,
      got: `[${given.join(', ')}]`,
      fix: 'choose other data, or bring the images to the right size with --size, or the layout with --layout',
    });
}
