/**
 * How pixels become the numbers that a network sees: (pixel · scale − mean) / std for each channel, as [N, C, H, W] or flat [N, C·H·W].
 * A model carries this in its metadata, so that whoever runs it later does the same. Pure: text in, numbers out, and back.
 */
import { PithError } from '../base/errors.js';
import type { ImageShape, Split } from './dataset.js';

export interface Preprocess {
  readonly scale: number;
  /** One number for all channels, or one for each; after scaling. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout: 'chw' | 'flat';
  /** Height and width that images are brought to; absent: as they come. */
  readonly size?: readonly [number, number];
}

/** Bytes to 0 … 1. Floats are taken as they are (see `preprocessFor`). */
export const defaultPreprocess: Preprocess = { scale: 1 / 255, mean: [0], std: [1], layout: 'chw' };

/** The default for these images: bytes are scaled to 0 … 1, floats are left alone. */
export const preprocessFor = (split: Split): Preprocess =>
  split.images instanceof Float32Array ? { ...defaultPreprocess, scale: 1 } : defaultPreprocess;

/** Metadata entries of a model. Numbers are written so that they read back to the same bits. */
export function formatPreprocess(p: Preprocess): Map<string, string> {
  const entries = new Map([
    ['pith.scale', String(p.scale)],
    ['pith.mean', p.mean.join(',')],
    ['pith.std', p.std.join(',')],
    ['pith.layout', p.layout],
  ]);
  if (p.size) entries.set('pith.size', p.size.join('x'));
  return entries;
}

/**
 * Reads metadata entries (or command-line words under the same names); what is absent is taken from `base`.
 * A number may be written as a fraction, `1/255`. Throws `input.preprocess`.
 */
export function parsePreprocess(entries: ReadonlyMap<string, string>, base: Preprocess = defaultPreprocess): Preprocess {
  const text = (key: string) => entries.get(`pith.${key}`);
  const scale = text('scale');
  const mean = text('mean');
  const std = text('std');
  const layout = text('layout');
  const size = text('size') === undefined ? base.size : parseSize(text('size')!);
  const p: Preprocess = {
    scale: scale === undefined ? base.scale : number('scale', scale),
    mean: mean === undefined ? base.mean : mean.split(',').map((word) => number('mean', word)),
    std: std === undefined ? base.std : std.split(',').map((word) => number('std', word)),
    layout: layout === undefined ? base.layout : layoutOf(layout),
    ...(size && { size }),
  };
  if (p.scale === 0) throw wrong('scale', 'a number other than 0', '0');
  if (p.std.some((s) => s <= 0)) throw wrong('std', 'numbers above 0', p.std.join(','));
  return p;
}

/** `32` or `32x48` (height by width) as [height, width]. Throws `input.preprocess`. */
export function parseSize(text: string): readonly [number, number] {
  const found = /^(\d{1,5})(?:[x×](\d{1,5}))?$/.exec(text.trim());
  const height = Number(found?.[1] ?? 0);
  const width = Number(found?.[2] ?? height);
  if (height < 1 || width < 1) throw wrong('size', 'a side such as 32, or height and width such as 32x48', text);
  return [height, width];
}

/** What a layer of numbers is multiplied by and what is added, for each channel. Throws `input.preprocess` where counts disagree. */
export function affineOf(p: Preprocess, shape: ImageShape): { readonly gain: Float64Array; readonly offset: Float64Array } {
  for (const key of ['mean', 'std'] as const)
    if (p[key].length !== 1 && p[key].length !== shape.channels)
      throw wrong(key, `1 number, or ${shape.channels} (one for each channel)`, `${p[key].length} numbers`);
  const of = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c]!;
  const channels = Array.from({ length: shape.channels }, (_, c) => c);
  return {
    gain: Float64Array.from(channels, (c) => p.scale / of(p.std, c)),
    offset: Float64Array.from(channels, (c) => -of(p.mean, c) / of(p.std, c)),
  };
}

/** Dimensions of a batch of `count` such images. */
export const batchDims = (p: Preprocess, shape: ImageShape, count: number): readonly number[] =>
  p.layout === 'flat' ? [count, shape.channels * shape.height * shape.width] : [count, shape.channels, shape.height, shape.width];

const wrong = (key: string, expected: string, got: string): PithError =>
  new PithError('input.preprocess', { at: { option: key }, expected, got, fix: `correct --${key}, or the metadata entry pith.${key}` });

function number(key: string, word: string): number {
  const found = /^\s*(-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(?:\/\s*((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*)?$/i.exec(word);
  const value = found ? Number(found[1]) / Number(found[2] ?? 1) : Number.NaN;
  if (!Number.isFinite(value)) throw wrong(key, 'a number such as 0.5 or 1/255', word);
  return value;
}

function layoutOf(word: string): Preprocess['layout'] {
  if (word !== 'chw' && word !== 'flat') throw wrong('layout', 'chw or flat', word);
  return word;
}
