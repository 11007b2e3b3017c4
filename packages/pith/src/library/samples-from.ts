/**
 * The user's own inputs, unlabelled: a folder of images, or of npy arrays that each hold a batch for the model's first input, or one such
 * image or array. What other inputs get is drawn. Images are kept as bytes and become numbers when they are fed.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { PithError } from '../base/errors.js';
import { type Dim, type DType, type Model, sizeOf, type Tensor, type ValueInfo } from '../base/tensor.js';
import { noiseSamples } from '../calibrate/noise.js';
import type { Samples } from '../calibrate/samples.js';
import { type ImageShape, pixelsOf } from '../data/dataset.js';
import { affineOf, type Preprocess } from '../data/preprocess.js';
import { decodeAll, firstShape } from '../data/sources/image-folder.js';
import { everyKind, parseNpy } from '../data/sources/npy.js';
import type { SourceOptions } from '../data/sources/source.js';
import { archive, fileOf, findPlace, readUnzipped, type Tree } from '../data/tree.js';
import type { Feeds } from '../engine/engine.js';
import { fromRef, toRef } from '../ops/ref.js';

export interface SamplesFromOptions {
  readonly path: string;
  readonly model: Model;
  /** For images: what the model's metadata say, or what was asked for. */
  readonly preprocess: Preprocess;
  /** At most so many, spread evenly over the files. */
  readonly most?: number;
  /** Of the inputs that are drawn. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

const usualMost = 256;
const mostBytes = 2 ** 32;

/** The first input, and values for it, one sample after the other along the first axis. */
interface Given {
  readonly count: number;
  tensor(samples: readonly number[]): Tensor;
}

/**
 * Throws `input.file-missing`, `input.data-empty` where there is neither an image nor an array, `input.samples` where they do not fit the
 * model, `unsupported.inputs` for a model without inputs, and what decoding throws (`input.image`, `input.image-size`, `input.npy`,
 * `unsupported.npy`).
 */
export async function samplesFrom(options: SamplesFromOptions): Promise<Samples> {
  const { path, model, most = usualMost, seed } = options;
  const [input, ...others] = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  if (!input) throw new PithError('unsupported.inputs', { expected: 'a model with an input', got: 'none', fix: 'leave the samples away' });
  const context: SourceOptions = {
    size: undefined,
    channels: undefined,
    classes: undefined,
    axes: undefined,
    maxBytes: mostBytes,
    signal: options.signal,
    onProgress: () => undefined,
  };
  const tree = await treeOf(path, context);
  const images = evenly(
    tree.paths.filter((name) => /\.(?:jpe?g|png|webp)$/i.test(name)),
    most,
  );
  const arrays = tree.paths.filter((name) => /\.npy$/i.test(name));
  if (images.length === 0 && arrays.length === 0)
    throw new PithError('input.data-empty', {
      at: { file: path },
      expected: 'images (.jpg, .png, .webp), or arrays (.npy) that each hold a batch for the first input',
      got: tree.paths.length === 0 ? 'no file at all' : `${tree.paths.length} other files`,
      fix: 'point --calibrate at the folder that holds them',
    });
  const given =
    images.length > 0
      ? await fromImages(tree, images, input, options.preprocess, context)
      : await fromArrays(tree, arrays, input, most, context);
  const drawn = others.length > 0 ? drawnFor(model, input, others, given, seed) : undefined;
  return {
    count: given.count,
    origin: 'given',
    feeds(start, n): Feeds {
      const samples = Array.from({ length: n }, (_, i) => (start + i) % given.count);
      return new Map([[input.name, given.tensor(samples)], ...(drawn?.feeds(start, n) ?? [])]);
    },
  };
}

/** A file that can stand alone. */
const sampleFile = /\.(?:npy|jpe?g|png|webp)$/i;

async function treeOf(path: string, context: SourceOptions): Promise<Tree> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
  const alone = isFile && sampleFile.test(path);
  if (isFile && !alone && !archive.test(path))
    throw new PithError('input.data-unknown', {
      at: { file: path },
      expected: 'an image (.jpg, .png, .webp), an array (.npy), or a folder or archive (.tar, .tgz) of them',
      got: 'another file',
      fix: 'numbers can also be given to `pith run` as .json',
    });
  if (!alone) return (await findPlace(path, context)).tree();
  const folder = await (await findPlace(dirname(path), context)).tree();
  return { ...folder, paths: [basename(path)] };
}

const evenly = <T>(list: readonly T[], most: number): readonly T[] =>
  list.length <= most ? list : Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!);

/** The other inputs of the model; symbolic dimensions that the first one has too are as long as there. */
function drawnFor(model: Model, input: ValueInfo, others: readonly ValueInfo[], given: Given, seed: number): Samples {
  const { dims } = given.tensor([0]);
  const known = new Map<Dim, number>(
    (input.dims ?? []).flatMap((dim, axis) => (typeof dim === 'string' ? [[dim, dims[axis]!] as const] : [])),
  );
  const graph = { ...model.graph, inputs: others };
  return noiseSamples({ model: { ...model, graph }, count: given.count, seed, bind: (dim) => known.get(dim) });
}

const wrong = (file: string, input: ValueInfo, got: string): PithError =>
  new PithError('input.samples', {
    at: { file },
    expected: `numbers for the input "${input.name}" of [${(input.dims ?? []).map((d) => d ?? '?').join(', ')}], the batch first`,
    got,
    fix: 'give inputs as the model takes them',
  });

const fits = (dims: readonly number[], wanted: readonly Dim[]): boolean =>
  dims.length === wanted.length && dims.every((d, axis) => axis === 0 || typeof wanted[axis] !== 'number' || wanted[axis] === d);

async function fromArrays(
  tree: Tree,
  paths: readonly string[],
  input: ValueInfo,
  most: number,
  { maxBytes }: SourceOptions,
): Promise<Given> {
  const rows: Float64Array[] = [];
  let inner: readonly number[] | undefined;
  for (const path of paths) {
    const file = fileOf(tree, path);
    const { kind, dims, data } = parseNpy(await readUnzipped(tree, path, maxBytes), everyKind, file);
    if (input.dims ? !fits(dims, input.dims) : dims.length === 0) throw wrong(file, input, `[${dims}]`);
    inner ??= dims.slice(1);
    if (dims.slice(1).join() !== inner.join()) throw wrong(file, input, `[${dims}], and [n, ${inner}] in the first array`);
    const size = sizeOf(inner);
    const numbers =
      kind === '<f2' ? toRef({ dtype: 'float16', dims, data }).data : Float64Array.from(data as ArrayLike<number | bigint>, Number);
    for (let i = 0; i < dims[0]!; i++) rows.push(numbers.subarray(i * size, (i + 1) * size));
  }
  const kept = evenly(rows, most);
  if (kept.length === 0) throw wrong(tree.name, input, 'no sample');
  return given(kept.length, inner!, input.dtype ?? 'float32', (sample) => kept[sample]!);
}

const given = (count: number, inner: readonly number[], dtype: DType, row: (sample: number) => Float64Array): Given => ({
  count,
  tensor(samples) {
    const size = sizeOf(inner);
    const data = new Float64Array(samples.length * size);
    samples.forEach((sample, i) => {
      data.set(row(sample), i * size);
    });
    return fromRef({ dtype, dims: [samples.length, ...inner], data });
  },
});

/** How the model takes a picture. */
interface Layout {
  readonly channels: 1 | 3 | undefined;
  readonly size: readonly [number, number] | undefined;
  /** Channels last. */
  readonly hwc: boolean;
}

function layoutOf(input: ValueInfo, { size, layout }: Preprocess): Layout | undefined {
  const dims = input.dims ?? [];
  if (layout === 'flat' || dims.length !== 4) return dims.length === 2 ? { channels: undefined, size, hwc: false } : undefined;
  const isColour = (d: Dim | undefined): d is 1 | 3 => d === 1 || d === 3;
  const hwc = !isColour(dims[1]) && isColour(dims[3]);
  const [channels, height, width] = hwc ? [dims[3], dims[1], dims[2]] : [dims[1], dims[2], dims[3]];
  if (typeof channels === 'number' && !isColour(channels)) return undefined;
  const fixed = typeof height === 'number' && typeof width === 'number' ? ([height, width] as const) : size;
  return { channels: typeof channels === 'number' ? channels : undefined, size: fixed, hwc };
}

async function fromImages(
  tree: Tree,
  paths: readonly string[],
  input: ValueInfo,
  preprocess: Preprocess,
  context: SourceOptions,
): Promise<Given> {
  const layout = layoutOf(input, preprocess);
  if (!layout) throw wrong(tree.name, input, 'images');
  const options = { ...context, size: layout.size, channels: layout.channels };
  const shape = await firstShape(tree, paths[0]!, options);
  const flat = input.dims?.length === 2;
  const inner = flat
    ? [pixelsOf(shape)]
    : layout.hwc
      ? [shape.height, shape.width, shape.channels]
      : [shape.channels, shape.height, shape.width];
  if (!fits([1, ...inner], input.dims ?? [])) throw wrong(tree.name, input, `images of [${inner}]`);
  const { images } = await decodeAll(tree, { paths, labels: new Uint16Array(paths.length) }, shape, options, () => undefined);
  const dtype = input.dtype ?? 'float32';
  const isFloat = dtype.startsWith('float') || dtype === 'bfloat16';
  const number = isFloat ? scaled(preprocess, shape) : (pixel: number): number => pixel;
  const area = shape.height * shape.width;
  const size = pixelsOf(shape);
  return given(paths.length, inner, dtype, (sample) => {
    const row = new Float64Array(size);
    for (let c = 0; c < shape.channels; c++)
      for (let i = 0; i < area; i++)
        row[layout.hwc ? i * shape.channels + c : c * area + i] = number(images[sample * size + c * area + i]!, c);
    return row;
  });
}

function scaled(preprocess: Preprocess, shape: ImageShape): (pixel: number, channel: number) => number {
  const { gain, offset } = affineOf(preprocess, shape);
  return (pixel, channel) => pixel * gain[channel]! + offset[channel]!;
}
