/** What a model is fed with for one answer: a picture, an npy array, or numbers in JSON, which alone can hold several inputs. */
import { readFile } from 'node:fs/promises';
import { PithError } from '../base/errors.js';
import type { Model, Tensor, ValueInfo } from '../base/tensor.js';
import { isObject, numbersOf } from '../data/nested.js';
import type { Preprocess } from '../data/preprocess.js';
import type { Feeds } from '../engine/engine.js';
import { fromRef } from '../ops/ref.js';
import { samplesFrom } from './samples-from.js';

export interface FeedsFromOptions {
  /** `.png`, `.jpg`, `.webp`, `.npy` or `.json`; a folder of pictures or arrays is one batch. */
  readonly path: string;
  readonly model: Model;
  readonly preprocess: Preprocess;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Throws `input.file`, `input.json`, `input.samples` where they do not fit the model, `unsupported.inputs` where a model with several inputs
 * gets a picture or an array, and what `samplesFrom` throws.
 */
export async function feedsFrom({ path, model, preprocess, signal }: FeedsFromOptions): Promise<Feeds> {
  const inputs = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name));
  const feeds = /\.json$/i.test(path) ? fromJson(await readJson(path), inputs) : await fromSamples();
  for (const input of inputs) checkShape(path, input, feeds.get(input.name));
  return feeds;

  async function fromSamples(): Promise<Feeds> {
    if (inputs.length !== 1)
      throw new PithError('unsupported.inputs', {
        at: { file: path },
        expected: 'a model with one input',
        got: `${inputs.length}: ${inputs.map(({ name }) => name).join(', ')}`,
        fix: 'give a .json file with an array for each: { "name": [[…]], … }',
      });
    const samples = await samplesFrom({ path, model, preprocess, most: Number.MAX_SAFE_INTEGER, seed: 0, signal });
    return samples.feeds(0, samples.count);
  }
}

async function readJson(path: string): Promise<unknown> {
  const wrong = (got: string, cause: unknown): PithError =>
    new PithError('input.json', { at: { file: path }, expected: 'JSON', got, fix: 'look at the file' }, { cause });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PithError('input.file', { at: { file: path }, expected: 'a file that can be read', got: String(cause) }, { cause });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function fromJson(value: unknown, inputs: readonly ValueInfo[]): Feeds {
  const [first, ...others] = inputs;
  const named = isObject(value) && !Array.isArray(value['dims']) ? value : first && others.length === 0 ? { [first.name]: value } : {};
  const unknown = Object.keys(named).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new PithError('input.json', { expected: `arrays for ${inputs.map(({ name }) => `"${name}"`).join(', ')}`, got: `"${unknown}"` });
  return new Map(inputs.filter(({ name }) => Object.hasOwn(named, name)).map((input) => [input.name, tensorOf(input, named[input.name])]));
}

/** One sample without the dimension of the batch gets that. */
function tensorOf({ name, dtype, dims: wanted }: ValueInfo, value: unknown): Tensor {
  const { dims, data } = numbersOf(value, name);
  const alone = wanted !== null && dims.length === wanted.length - 1;
  return fromRef({ dtype: dtype ?? 'float32', dims: alone ? [1, ...dims] : dims, data });
}

function checkShape(file: string, { name, dims }: ValueInfo, given: Tensor | undefined): void {
  const shown = dims ? ` of [${dims.map((d) => d ?? '?').join(', ')}]` : '';
  const fits =
    given && (!dims || (dims.length === given.dims.length && dims.every((d, i) => typeof d !== 'number' || d === given.dims[i])));
  if (!fits)
    throw new PithError('input.samples', {
      at: { file },
      expected: `numbers for the input "${name}"${shown}`,
      got: given ? `[${given.dims.join(', ')}]` : 'none',
      fix: 'give inputs as the model takes them',
    });
}
