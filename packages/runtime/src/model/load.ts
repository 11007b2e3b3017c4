/** From a .pith file to something that runs: reads, checks, decodes and plans. The same code in a page, in a worker and in Node. */
import { LoadedModel } from './loaded-model.js';
import { checkOptions, type OpenOptions, openOptionNames, openPith } from './open.js';
import type { Source } from './source.js';

export interface LoadOptions extends OpenOptions {}

/**
 * Weights decode while the file comes. Throws what `openPith` and `LoadedModel.open` throw: among it `unsupported.operators` with the list
 * of all that this runtime does not run.
 */
export async function load(source: Source, options: LoadOptions = {}): Promise<LoadedModel> {
  checkOptions(options, openOptionNames);
  const file = await openPith(source, options, false);
  const model = LoadedModel.open(file);
  options.onProgress?.({ phase: 'plan', done: 1, total: 1 });
  return model;
}
