/** From a .pith file to something that runs: reads, checks, decodes and plans. The same code in a page, in a worker and in Node. */
import { PithError } from '../errors.js';
import { broughtKernels, ownKernels } from '../kernels/machine.js';
import { threadsHere } from '../kernels/thread-host.js';
import { type KernelSource, kernelModule } from './kernel-module.js';
import { LoadedModel } from './loaded-model.js';
import { checkOptions, type OpenOptions, openOptionNames, openPith } from './open.js';
import type { Source } from './source.js';

export interface LoadOptions extends OpenOptions {
  /** The kernels as a file of their own or compiled already, once for many models; those that the package carries as text unless given. */
  readonly wasm?: KernelSource;
  /**
   * Kernels may round beyond float32 where they are faster for it: weights that are stored as integers meet activations of at most 16 bits,
   * 8 at least (a sum of products must fit in 32 bits: 8-bit weights leave 15 or 16). Off unless said: results are then those of float32,
   * and the same bits in every engine. On: each layer's error is within half a step, 2⁻¹⁶ of the largest activation at 16 bits, for each
   * product; `explain` names the layers.
   */
  readonly allowReducedPrecision?: boolean;
  /**
   * How many threads compute, 32 at most: half as many as there are cores, but no more than 4, unless said; 1 for the thread of the caller alone.
   * The results are the same bits for any number. `LoadedModel.threads` says how many there are.
   */
  readonly threads?: number;
}

export const loadOptionNames: readonly string[] = [...openOptionNames, 'wasm', 'allowReducedPrecision', 'threads'];

const mostThreads = 32;

/**
 * Weights decode while the file comes. Throws what `openPith`, `kernelModule` and `LoadedModel.open` throw: among it
 * `unsupported.operators` with the list of all that this runtime does not run.
 */
export async function load(source: Source, options: LoadOptions = {}): Promise<LoadedModel> {
  checkOptions(options, loadOptionNames);
  const { wasm, signal, onProgress, allowReducedPrecision = false, threads } = options;
  if (typeof allowReducedPrecision !== 'boolean')
    throw new PithError('usage.option', {
      at: { option: 'allowReducedPrecision' },
      expected: 'true or false',
      got: String(allowReducedPrecision),
    });
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > mostThreads))
    throw new PithError('usage.option', {
      at: { option: 'threads' },
      expected: `a whole number from 1 to ${mostThreads}`,
      got: String(threads),
    });
  // at once, for functions are compiled when they are first called: aside it would wait for its turns between other tasks
  const compiling = wasm === undefined ? Promise.resolve(ownKernels()) : kernelModule(wasm, signal).then(broughtKernels);
  // where the file fails, nobody waits for it
  compiling.catch(() => undefined);
  const file = await openPith(source, options);
  const wanted = threads === undefined ? threadsHere : () => threads;
  const model = LoadedModel.open(file, { kernels: await compiling, reducedPrecision: allowReducedPrecision, threads: wanted });
  onProgress?.({ phase: 'plan', done: 1, total: 1 });
  return model;
}
