/** Threads as the host has them: workers of a page, made from a blob: address, or those of Node, which let the process end. */
import { type ThreadTask, threadScript } from './thread-script.js';

/** Ends a thread at once, whatever it is doing. */
export type EndThread = () => void;

/** What is used of Node's own modules. */
interface Builtins {
  readonly 'node:os': { availableParallelism(): number };
  readonly 'node:worker_threads': { readonly Worker: new (script: string, options: object) => NodeWorker };
}
interface NodeWorker {
  on(event: 'error', listener: () => void): void;
  postMessage(message: ThreadTask): void;
  terminate(): unknown;
  unref(): void;
}
interface Process {
  getBuiltinModule?(name: string): unknown;
}

const builtin = <Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined =>
  (Reflect.get(globalThis, 'process') as Process | undefined)?.getBuiltinModule?.(name) as Builtins[Name] | undefined;

/** More gain little: the parts of a layer become small. */
const most = 4;

/** A page must be isolated from other origins for it. */
export const canShare = (): boolean => typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false;

/**
 * How many threads a model has unless said: half as many as the host counts cores, for many of these are halves of one, and a layer waits for
 * the slowest of its parts; four at most, and 1 where memory cannot be shared.
 */
export function threadsHere(): number {
  const cores = builtin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return canShare() ? Math.min(most, Math.ceil(cores / 2)) : 1;
}

/** `failed` is called where it ends with an error of its own, such as a policy that forbids it. Throws what the host throws. */
export function startThread(task: ThreadTask, failed: () => void): EndThread {
  const node = builtin('node:worker_threads');
  if (node) {
    const script = `${threadScript}require('node:worker_threads').parentPort.once('message', work)`;
    // options of the process, such as those that say how its program is read, are not for this one
    const worker = new node.Worker(script, { eval: true, execArgv: [] });
    worker.on('error', failed);
    worker.unref();
    worker.postMessage(task);
    return () => void worker.terminate();
  }
  const address = URL.createObjectURL(new Blob([`${threadScript}onmessage = ({ data }) => work(data)`], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.onerror = (event) => {
    event.preventDefault();
    failed();
  };
  worker.postMessage(task);
  return () => {
    worker.terminate();
    URL.revokeObjectURL(address);
  };
}
