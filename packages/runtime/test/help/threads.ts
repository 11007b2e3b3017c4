/** Machines whose threads take parts of the smallest calls too, so that small tests divide all that can be divided. */
import { Worker } from 'node:worker_threads';
import { Machine } from '../../src/kernels/machine.js';
import type { ThreadsOptions } from '../../src/kernels/threads.js';

/** With all its threads there. */
export async function threaded(threads: number, options: ThreadsOptions = {}): Promise<Machine> {
  const machine = Machine.openShared(threads, {}, { leastPart: 1, ...options })!;
  await until(() => machine.threads === threads);
  return machine;
}

/** Looks every few milliseconds; throws where it does not come to pass in twenty seconds. */
export async function until(come: () => boolean): Promise<void> {
  for (let i = 0; !come(); i++) {
    if (i > 4000) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const bitsOf = (values: Float32Array): number[] => Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length));

/** A thread of Node by another script. */
export const startAs =
  (script: string): NonNullable<ThreadsOptions['start']> =>
  (task, failed) => {
    const worker = new Worker(`${script}\nrequire('node:worker_threads').parentPort.once('message', work)`, { eval: true });
    worker.on('error', failed);
    worker.unref();
    worker.postMessage(task);
    return () => void worker.terminate();
  };
