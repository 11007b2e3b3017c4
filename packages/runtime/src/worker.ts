/**
 * `pith-runtime/worker`: a model in a worker, so that a page never waits for it, neither while it is decoded nor while it runs. The program
 * of the worker is carried as text: no bundler has to be told of it. A page whose policy forbids that gives a worker of its own.
 */
import { PithError } from './errors.js';
import { type LoadOptions, loadOptionNames } from './model/load.js';
import { checkOptions } from './model/open.js';
import type { Source } from './model/source.js';
import { loadOn, type Peer, type WorkerModel } from './worker/client.js';
import { script } from './worker/script.js';

export type { WorkerModel } from './worker/client.js';

export interface WorkerOptions extends LoadOptions {
  /**
   * A worker of your own, which may serve several models and is left running: `new Worker(new URL('pith-runtime/worker-thread',
   * import.meta.url), { type: 'module' })`. Without it each model has one, made from a blob: address.
   */
  readonly worker?: Worker;
}

/**
 * The same as `load`, in a worker: takes the same sources and gives a model with the same words. A `Uint8Array` is copied; of a stream and a
 * Response the pieces are read here and handed over. Throws what `load` throws, and `unsupported.worker` where no worker can be had.
 */
export async function loadInWorker(source: Source, options: WorkerOptions = {}): Promise<WorkerModel> {
  checkOptions(options, [...loadOptionNames, 'worker']);
  const { worker, ...rest } = options;
  return loadOn(worker ? shared(worker) : started(), source, rest);
}

const hand =
  (worker: Worker) =>
  (port: MessagePort): void =>
    worker.postMessage('pith', [port]);

function watch(worker: Worker, fail: (error: PithError) => void): () => void {
  const failed = (event: Event): void => fail(noWorker(event instanceof ErrorEvent ? event.message : 'an error without words'));
  worker.addEventListener('error', failed);
  return () => worker.removeEventListener('error', failed);
}

function shared(worker: Worker): Peer {
  let leave: (() => void) | undefined;
  return {
    hand: hand(worker),
    watch: (fail) => {
      leave = watch(worker, fail);
    },
    end: () => leave?.(),
  };
}

/** Throws `unsupported.worker`. */
function started(): Peer {
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = workerAt(address);
  return {
    hand: hand(worker),
    watch: (fail) => watch(worker, fail),
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}

function workerAt(address: string): Worker {
  try {
    return new Worker(address, { name: 'pith' });
  } catch (error) {
    URL.revokeObjectURL(address);
    throw noWorker(String(error));
  }
}

const noWorker = (got: string): PithError =>
  new PithError('unsupported.worker', {
    expected: 'a worker that runs',
    got,
    fix: 'allow worker-src blob: in the policy of the page, or give a worker of your own as the option worker; `load` needs none',
  });
