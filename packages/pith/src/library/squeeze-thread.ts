/**
 * `squeeze` on a thread of its own, for programs that have something to do meanwhile: draw progress, hear a signal. Rounding a large layer
 * is one long computation, during which the thread that does it hears nothing. Node only.
 */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorDetail, PithError } from '../base/errors.js';
import type { SqueezeResult } from './squeeze.js';
import type { SqueezeOptions, SqueezeProgress } from './squeeze-options.js';

/** Options that can be sent to another thread. */
export type SentOptions = Omit<SqueezeOptions, 'signal' | 'onProgress' | 'model' | 'calibrate' | 'data'> & {
  readonly model: string | Uint8Array;
  readonly calibrate?: string;
  readonly data?: string;
};

export type SqueezeNews =
  | { readonly kind: 'progress'; readonly progress: SqueezeProgress }
  | { readonly kind: 'done'; readonly result: SqueezeResult }
  | { readonly kind: 'error'; readonly code?: ErrorCode; readonly detail?: ErrorDetail; readonly error: Error };

export interface ThreadOptions extends SentOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SqueezeProgress) => void;
}

/** Throws what `squeeze` throws, and `bug.worker` where the thread dies. A signal is heard between steps of the work. */
export function squeezeOnThread({ signal, onProgress, ...options }: ThreadOptions): Promise<SqueezeResult> {
  const worker = new Worker(new URL('./squeeze-worker.js', import.meta.url), { workerData: options satisfies SentOptions, execArgv: [] });
  const stop = (): void => worker.postMessage('stop');
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  return new Promise<SqueezeResult>((resolve, reject) => {
    worker.on('message', (news: SqueezeNews) => {
      if (news.kind === 'progress') onProgress?.(news.progress);
      else if (news.kind === 'done') resolve(news.result);
      else reject(news.code && news.detail ? new PithError(news.code, news.detail, { cause: news.error }) : news.error);
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(
        new PithError('bug.worker', { expected: 'the worker to squeeze a model', got: `its end with code ${code}`, fix: 'report it' }),
      ),
    );
  }).finally(() => {
    signal?.removeEventListener('abort', stop);
    return worker.terminate();
  });
}
