/**
 * Inputs drawn for a model without any data. What an input is follows from its type, shape and name and from what it feeds: pictures are
 * pink noise, other floats normal numbers, whole numbers are in the range of the table that they look up, masks and switches are on.
 */
import { PithError } from '../base/errors.js';
import { Random } from '../base/random.js';
import {
  byteSize,
  bytesOf,
  type DType,
  dtypes,
  type GraphData,
  type Model,
  type NodeData,
  sizeOf,
  type Tensor,
  type ValueInfo,
  viewAs,
} from '../base/tensor.js';
import { isFloat } from '../ops/pointwise.js';
import { fromRef } from '../ops/ref.js';
import { isBatch } from './batch-size.js';
import { pinkNoise } from './pink.js';
import type { Samples } from './samples.js';

export interface NoiseOptions {
  readonly model: Model;
  readonly count?: number;
  readonly seed: number;
  /** The size of a symbolic dimension, by its name; undefined leaves it to pith. The batch is not asked for. */
  readonly bind?: ((dim: string, input: string, axis: number) => number | undefined) | undefined;
}

/** Throws `unsupported.inputs` where an input is no tensor of numbers and of known rank. */
export function noiseSamples({ model, count = 128, seed, bind }: NoiseOptions): Samples {
  const infos = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  const free = infos.some(({ dims }) => dims && batchAxisOf(dims, true) !== undefined);
  const inputs = infos.map((info) => inputOf(model.graph, info, { bind, free }));
  const kept = new Map<string, Tensor>();
  const bytes = inputs.reduce((sum, { dtype, dims }) => sum + count * byteSize(dtype, dims), 0);
  const sample = (input: Input, i: number): Tensor => {
    const key = `${i} ${input.name}`;
    const known = kept.get(key);
    if (known) return known;
    const made = fromRef({ dtype: input.dtype, dims: input.dims, data: drawn(input, Random.of(seed, 'noise', input.name, i)) });
    if (bytes <= mostKept) kept.set(key, made);
    return made;
  };
  const batch = (input: Input, start: number, n: number): Tensor =>
    stacked(
      Array.from({ length: n }, (_, i) => sample(input, start + i)),
      input.batchAxis,
    );
  return { count, origin: 'noise', feeds: (start, n) => new Map(inputs.map((input) => [input.name, batch(input, start, n)])) };
}

/** Samples are drawn once where all of them take no more than so many bytes, else whenever they are asked for. */
const mostKept = 2 ** 27;

type Content = 'picture' | 'normal' | 'ones' | 'zeros' | 'positions' | { readonly below: number };

interface Input {
  readonly name: string;
  readonly dtype: DType;
  /** Of one sample, the batch axis in it. */
  readonly dims: readonly number[];
  /** The axis along which samples stand; undefined where each batch shares the input. */
  readonly batchAxis: number | undefined;
  readonly content: Content;
}

interface Binding {
  readonly bind: NoiseOptions['bind'];
  /** Whether some input leaves the size of the batch open: those that do not are then no batches. */
  readonly free: boolean;
}

function inputOf(graph: GraphData, { name, dtype, dims }: ValueInfo, { bind, free }: Binding): Input {
  if (dtype === null || dims === null || dtype.startsWith('float8') || dtype.endsWith('int4'))
    throw new PithError('unsupported.inputs', {
      at: { tensor: name },
      expected: 'an input that is a tensor of numbers, of known rank',
      got: dims === null ? 'another type, or a rank that is not said' : String(dtype),
      fix: 'give samples',
    });
  const batchAxis = batchAxisOf(dims, free);
  const sizeAt = (d: string | null, axis: number): number => bind?.(d ?? '', name, axis) ?? usual(d ?? '', axis, dims.length);
  const sizes = dims.map((d, axis) => (axis === batchAxis ? 1 : typeof d === 'number' ? d : sizeAt(d, axis)));
  return { name, dtype, dims: sizes, batchAxis, content: contentOf(graph, name, dtype, sizes) };
}

/** The axis that is called a batch, else the first one: where it is open, or where nothing is. */
function batchAxisOf(dims: NonNullable<ValueInfo['dims']>, free: boolean): number | undefined {
  const named = dims.findIndex(isBatch);
  if (named >= 0) return named;
  return (free ? typeof dims[0] !== 'number' && dims.length > 0 : dims.length > 1) ? 0 : undefined;
}

/** Long enough to be typical, short enough to be quick. */
const usualLength = 32;
const usualSide = 64;

/** What a symbolic dimension is likely to be. */
function usual(dim: string, axis: number, rank: number): number {
  if (/past.*\+|total/i.test(dim)) return usualLength;
  if (/past/i.test(dim)) return 0;
  if (/channel/i.test(dim)) return 3;
  return rank >= 4 && axis >= rank - 2 ? usualSide : usualLength;
}

function contentOf(graph: GraphData, name: string, dtype: DType, dims: readonly number[]): Content {
  if (dtype === 'bool' || /mask/i.test(name)) return 'ones';
  if (isFloat(dtype)) return dims.length >= 4 ? 'picture' : sizeOf(dims) === 1 && dims.length < 2 ? 'ones' : 'normal';
  if (/token_type|segment/i.test(name)) return 'zeros';
  if (/position/i.test(name)) return 'positions';
  const range = lookupRange(graph, name);
  return range === undefined ? 'ones' : { below: range };
}

/** Operators that pass whole numbers on. */
const passing = new Set(['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

/** The number of slices in the smallest table that the values of an input are looked up in; undefined where there is none. */
function lookupRange(graph: GraphData, input: string): number | undefined {
  const names = new Set([input]);
  const sizes: number[] = [];
  for (const node of graph.nodes) {
    const at = node.inputs.findIndex((name) => names.has(name));
    if (at === 0 && passing.has(node.op)) for (const name of node.outputs) names.add(name);
    else if (at >= 0) sizes.push(...tableSizes(graph, node, at));
  }
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
}

function tableSizes({ initializers }: GraphData, node: NodeData, at: number): number[] {
  const size = (input: number, axis: number): number[] => {
    const dims = initializers.get(node.inputs[input] ?? '')?.dims;
    const found = dims?.[axis < 0 ? axis + dims.length : axis];
    return found === undefined ? [] : [found];
  };
  if (node.op === 'Gather' && at === 1) return size(0, Number(node.attributes.get('axis')?.value ?? 0));
  if (node.op === 'EmbedLayerNormalization' && at === 0) return size(2, 0);
  return [];
}

function drawn({ dtype, dims, content }: Input, random: Random): Float64Array {
  const size = sizeOf(dims);
  if (content === 'picture') return Float64Array.from(picture(dims, random));
  const number = (i: number): number => {
    if (content === 'normal') return random.normal();
    if (content === 'ones') return 1;
    if (content === 'zeros') return 0;
    return content === 'positions' ? i % (dims.at(-1) ?? 1) : random.below(Math.min(content.below, most(dtype)));
  };
  return Float64Array.from({ length: size }, (_, i) => number(i));
}

/** One more than the largest whole number of a type that is drawn. */
const most = (dtype: DType): number => 2 ** Math.min(31, dtypes[dtype].bits - 1);

/** Each channel pink noise, half of it common to all: channels of photographs go together. */
function picture(dims: readonly number[], random: Random): Float32Array {
  const last = dims.at(-1)!;
  // Channels come after the pixels where the last axis is as short as that of colours, and the second is not.
  const innermost = dims.length === 4 && last <= 4 && dims[1]! > 4;
  const pixels = innermost ? dims.slice(1, -1) : dims.slice(2);
  const channels = innermost ? last : dims[1]!;
  const [size, out] = [sizeOf(pixels), new Float32Array(sizeOf(dims))];
  for (let n = 0; n < dims[0]!; n++) {
    const common = pinkNoise(random, pixels);
    for (let c = 0; c < channels; c++) {
      const own = pinkNoise(random, pixels);
      for (let i = 0; i < size; i++)
        out[n * channels * size + (innermost ? i * channels + c : c * size + i)] = (common[i]! + own[i]!) * Math.SQRT1_2;
    }
  }
  return out;
}

/** One tensor of all samples, along the batch axis; the first where they share it. */
function stacked(parts: readonly Tensor[], axis: number | undefined): Tensor {
  const [first] = parts as [Tensor];
  if (axis === undefined || parts.length === 1) return first;
  const { dtype, dims } = first;
  const inner = byteSize(dtype, dims.slice(axis));
  const bytes = new Uint8Array(parts.length * byteSize(dtype, dims));
  parts.forEach((part, p) => {
    const from = bytesOf(part);
    for (let o = 0; o * inner < from.length; o++) bytes.set(from.subarray(o * inner, (o + 1) * inner), (o * parts.length + p) * inner);
  });
  return { dtype, dims: dims.with(axis, parts.length), data: viewAs(dtype, bytes) };
}
