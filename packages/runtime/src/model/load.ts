/** From a .pith file to something that runs: reads, checks, decodes and plans. The same code in a page, in a worker and in Node. */
import { PithError } from '../errors.js';
import { type Limits, limitsOf } from '../format/limits.js';
import { PithStream } from '../format/read.js';
import { LoadedModel } from './loaded-model.js';
import { planOf } from './plan.js';
import { checkSignal, type Progress, readSource, type Source } from './source.js';

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly limits?: Partial<Limits>;
}

const optionNames = ['signal', 'onProgress', 'limits'];

/**
 * Throws what `readPith` throws, `input.fetch` where the source gives no file, `unsupported.operators` with the list of operators that
 * this runtime does not run, `interrupted.cancelled`.
 */
export async function load(source: Source, options: LoadOptions = {}): Promise<LoadedModel> {
  for (const key of Object.keys(options))
    if (!optionNames.includes(key))
      throw new PithError('usage.option', { at: { option: key }, expected: `one of ${optionNames.join(', ')}`, got: key });
  const { signal, onProgress } = options;
  const limits = limitsOf(options.limits);
  // what is coded is hardly ever larger than what it decodes to
  const stream = new PithStream({ limits });
  await readSource(source, { signal, onProgress, maxBytes: limits.maxDecodedBytes + 2 ** 20, push: (piece) => stream.push(piece) });
  checkSignal(signal);
  const file = stream.end();
  onProgress?.({ phase: 'decode', done: 1, total: 1 });
  checkSignal(signal);
  const plan = planOf(file);
  onProgress?.({ phase: 'plan', done: 1, total: 1 });
  return new LoadedModel(file.model.graph, file.metadata, plan);
}
