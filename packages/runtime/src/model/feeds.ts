/** What a model is fed with: checked against what it declares, before anything is computed. */
import { PithError } from '../errors.js';
import type { ValueInfo } from '../model.js';
import { countOf, type Element, type Spec } from '../operators/value.js';
import { elementOf, numbersOf } from './constants.js';

/** float32 inputs take a Float32Array, all others whole numbers that fit in 32 bits with their sign. */
export type FeedData = Float32Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Uint16Array | Int16Array;

/** Numbers in row-major order; where only they are given, the shape is the model's, with one free dimension filled in. */
export type Feed = FeedData | { readonly dims: readonly number[]; readonly data: FeedData };

/** By name. */
export type Feeds = Readonly<Record<string, Feed>>;

export interface Fed {
  readonly spec: Spec;
  readonly data: Float32Array | Int32Array;
}

/** Throws `usage.feed` for names, types or shapes that the model does not have. */
export function checkedFeeds(inputs: readonly ValueInfo[], feeds: Feeds): Map<string, Fed> {
  if (typeof feeds !== 'object' || feeds === null)
    throw new PithError('usage.feed', { expected: 'an object with the inputs', got: String(feeds) });
  for (const name of Object.keys(feeds))
    if (!inputs.some((input) => input.name === name))
      throw new PithError('usage.feed', {
        expected: `one of the inputs ${inputs.map((i) => `"${i.name}"`).join(', ')}`,
        got: `"${name}"`,
      });
  return new Map(
    inputs.map((input): [string, Fed] => {
      const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
      if (!feed) throw new PithError('usage.feed', { expected: `numbers for the input "${input.name}"`, got: 'none' });
      return [input.name, checked(input, feed)];
    }),
  );
}

function checked(input: ValueInfo, feed: Feed): Fed {
  const refuse = (expected: string, got: string): never => {
    throw new PithError('usage.feed', { at: { tensor: input.name }, expected, got });
  };
  const dtype = elementOf(input.dtype ?? 'float32', input.name);
  const { data, dims } = ArrayBuffer.isView(feed) ? { data: feed, dims: undefined } : feed;
  if (!ArrayBuffer.isView(data)) return refuse('numbers in a typed array', typeof data);
  if ((dtype === 'float32') !== data instanceof Float32Array || data instanceof Float64Array)
    refuse(dtype === 'float32' ? 'a Float32Array' : `whole numbers for ${dtype}`, data.constructor.name);
  const declared = input.dims;
  const shape = dims ?? filled(declared ?? refuse('a shape, for the model does not say it', 'numbers alone'), data.length);
  const shown = `[${(declared ?? []).map((d) => d ?? '?').join(', ')}]`;
  if (!shape?.every((d) => Number.isSafeInteger(d) && d >= 0) || countOf(shape) !== data.length)
    return refuse(`numbers for the shape ${shown}`, `${data.length} numbers${dims ? ` as [${dims}]` : ''}`);
  if (declared && (shape.length !== declared.length || shape.some((d, i) => typeof declared[i] === 'number' && declared[i] !== d)))
    refuse(`the shape ${shown}`, `[${shape}]`);
  return { spec: { dtype, dims: shape }, data: numbers(data, dtype, refuse) };
}

function numbers(data: FeedData, dtype: Element, refuse: (expected: string, got: string) => never): Fed['data'] {
  if (dtype === 'float32') return data as Float32Array;
  if (data instanceof BigInt64Array) {
    const wide = data.find((x) => x !== BigInt.asIntN(32, x));
    if (wide !== undefined) refuse('whole numbers of 32 bits', String(wide));
  }
  return numbersOf(data);
}

/** The one free dimension from the count of numbers; undefined where there are several. */
function filled(declared: readonly (number | string | null)[], count: number): number[] | undefined {
  const free = declared.filter((d) => typeof d !== 'number').length;
  const fixed = declared.reduce<number>((product, d) => (typeof d === 'number' ? product * d : product), 1);
  if (free > 1) return undefined;
  return declared.map((d) => (typeof d === 'number' ? d : count / fixed));
}

/** A free dimension that is not the first: of a picture, or of a row of words. */
const likely = (dtype: Element): number => (dtype === 'float32' ? 32 : 8);

/** Shapes to plan for before anything is fed: a free first dimension is 1, any other a small size; undefined where a rank is unknown. */
export function likelySpecs(inputs: readonly ValueInfo[]): Map<string, Spec> | undefined {
  const specs = new Map<string, Spec>();
  for (const input of inputs) {
    if (input.dims === null) return undefined;
    const dtype = elementOf(input.dtype ?? 'float32', input.name);
    specs.set(input.name, { dtype, dims: input.dims.map((d, i) => (typeof d === 'number' ? d : i === 0 ? 1 : likely(dtype))) });
  }
  return specs;
}
