/** The worker thread of squeeze-thread.ts: squeezes one model. Started by its file name only. */
import { parentPort, workerData } from 'node:worker_threads';
import { PithError } from '../base/errors.js';
import { squeeze } from './squeeze.js';
import type { SentOptions, SqueezeNews } from './squeeze-thread.js';

const say = (news: SqueezeNews): void => parentPort?.postMessage(news);
const stop = new AbortController();
parentPort?.on('message', () => stop.abort());

/** Words that a thread can send: an error with a stack, and what makes it a PithError again. */
function errorNews(thrown: unknown): SqueezeNews {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return thrown instanceof PithError
    ? { kind: 'error', code: thrown.code, detail: thrown.detail, error: new Error(error.stack ?? error.message) }
    : { kind: 'error', error };
}

try {
  const options = workerData as SentOptions;
  const result = await squeeze({
    ...options,
    signal: stop.signal,
    onProgress: (progress) => say({ kind: 'progress', progress }),
  });
  say({ kind: 'done', result });
} catch (error) {
  say(errorNews(error));
}
