/** From a .pith file to something that runs: reads, checks, decodes and plans. The same code in a page, in a worker and in Node. */
import { compileKernelsAside } from '../kernels/machine.js';
import { type KernelSource, kernelModule } from './kernel-module.js';
import { LoadedModel } from './loaded-model.js';
import { checkOptions, type OpenOptions, openOptionNames, openPith } from './open.js';
import type { Source } from './source.js';

export interface LoadOptions extends OpenOptions {
  /** The kernels as a file of their own or compiled already, once for many models; those that the package carries as text unless given. */
  readonly wasm?: KernelSource;
}

/**
 * Weights decode and kernels compile while the file comes. Throws what `openPith`, `kernelModule` and `LoadedModel.open` throw: among it
 * `unsupported.operators` with the list of all that this runtime does not run.
 */
export async function load(source: Source, options: LoadOptions = {}): Promise<LoadedModel> {
  checkOptions(options, [...openOptionNames, 'wasm']);
  const { wasm, signal, onProgress } = options;
  const compiling = wasm === undefined ? compileKernelsAside() : kernelModule(wasm, signal);
  // where the file fails, nobody waits for it
  compiling.catch(() => undefined);
  const file = await openPith(source, options);
  const model = LoadedModel.open(file, { module: await compiling });
  onProgress?.({ phase: 'plan', done: 1, total: 1 });
  return model;
}
