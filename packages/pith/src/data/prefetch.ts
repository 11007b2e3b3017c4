/**
 * Batches made ahead in a worker thread, bit for bit those of `batches`. Node only (node:worker_threads); the worker is
 * prefetch-worker.js. Images lie in shared memory, which both threads read; finished batches go through a ring of slots in shared memory,
 * and are copied out, because ONNX Runtime takes no shared memory. An unread ring does not keep the process alive.
 */
import { Worker } from 'node:worker_threads';
import { checkSignal, type ErrorCode, type ErrorDetail, PithError } from '../base/errors.js';
import { type Batch, BatchMaker, type StreamOptions, streamParts } from './batches.js';
import { pixelsOf, type Split } from './dataset.js';

export interface PrefetchOptions extends StreamOptions {
  /** Batches that may lie ready, 1 … 64; default 4. */
  readonly slots?: number;
  readonly signal?: AbortSignal;
}

/** What the worker is started with. */
export interface PrefetchTask {
  readonly options: StreamOptions;
  readonly images: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
  /** One int32 for each slot: 0 free, 1 filled. */
  readonly states: SharedArrayBuffer;
  readonly slots: number;
}

/** What it says: a slot is filled, all is done, or it failed. */
export type PrefetchNews =
  | { readonly kind: 'batch'; readonly slot: number; readonly batch: Omit<Batch, 'images' | 'labels'> }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly code?: ErrorCode; readonly detail?: ErrorDetail; readonly message: string };

export interface Prefetch extends AsyncIterableIterator<Batch, void, undefined> {
  /** Ends the worker. Also done at the end, after an error, and when a `for await` is left. */
  close(): Promise<void>;
}

/** The split in memory that threads share; itself where it already is, otherwise a copy. */
function shared(split: Split): Split {
  const move = <T extends Uint8Array | Uint16Array | Float32Array>(from: T, make: (buffer: SharedArrayBuffer) => T): T => {
    if (from.buffer instanceof SharedArrayBuffer) return from;
    const to = make(new SharedArrayBuffer(from.byteLength));
    to.set(from);
    return to;
  };
  const { images } = split;
  return {
    ...split,
    images:
      images instanceof Uint8Array
        ? move<Uint8Array>(images, (b) => new Uint8Array(b))
        : move<Float32Array>(images, (b) => new Float32Array(b)),
    labels: move<Uint16Array>(split.labels, (b) => new Uint16Array(b)),
  };
}

/**
 * Starts a worker that makes the batches of `options`. Throws what `BatchMaker` throws, at once; a place where no epoch has a step is
 * refused by the first `next`. From `next` also `interrupted.cancelled` after the signal, and `bug.worker` where the worker dies.
 */
export function prefetch(options: PrefetchOptions): Prefetch {
  const { slots = 4, signal, ...stream } = options;
  if (!Number.isInteger(slots) || slots < 1 || slots > 64)
    throw new PithError('usage.option', { at: { option: 'slots' }, expected: 'a whole number in 1 … 64', got: String(slots) });
  const { make } = streamParts(stream);
  checkSignal(signal);
  new BatchMaker(make); // checks the options before a thread is started
  const size = make.batch * pixelsOf(make.split);
  const task: PrefetchTask = {
    options: { ...stream, split: shared(make.split) },
    images: new SharedArrayBuffer(4 * size * slots),
    labels: new SharedArrayBuffer(4 * make.batch * slots),
    states: new SharedArrayBuffer(4 * slots),
    slots,
  };
  const ring = new Ring(task, size, make.batch);
  const onAbort = () => ring.stop(new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }));
  signal?.addEventListener('abort', onAbort, { once: true });
  ring.onClose = () => signal?.removeEventListener('abort', onAbort);
  return ring;
}

class Ring implements Prefetch {
  onClose: () => void = () => undefined;
  private readonly worker: Worker;
  private readonly filled: Extract<PrefetchNews, { kind: 'batch' }>[] = [];
  /** Why there will be no more batches: an error that was not yet thrown, or the end. */
  private over: { readonly error: PithError | undefined } | undefined;
  private wake: () => void = () => undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly states: Int32Array;
  private readonly allImages: Float32Array;
  private readonly allLabels: Int32Array;
  private readonly images: Float32Array;
  private readonly labels: Int32Array;
  private readonly size: number;
  private readonly batch: number;

  constructor(task: PrefetchTask, size: number, batch: number) {
    this.size = size;
    this.batch = batch;
    this.states = new Int32Array(task.states);
    this.allImages = new Float32Array(task.images);
    this.allLabels = new Int32Array(task.labels);
    this.images = new Float32Array(size);
    this.labels = new Int32Array(batch);
    this.worker = new Worker(new URL('./prefetch-worker.js', import.meta.url), { workerData: task, execArgv: [] });
    this.worker.on('message', (news: PrefetchNews) => this.hear(news));
    this.worker.on('error', (error) => this.finish(died(error.message)));
    this.worker.on('exit', (code) => this.finish(died(`its end with code ${code}`)));
    this.worker.unref();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch, void>> {
    const result = this.turn.then(() => this.take());
    this.turn = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<IteratorResult<Batch, void>> {
    await this.close();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    this.finish(undefined);
    this.filled.length = 0;
    this.onClose();
    await this.worker.terminate();
  }

  /** Ends with an error, which the next `next` throws; what was made ahead is dropped. */
  stop(error: PithError): void {
    this.filled.length = 0;
    this.finish(error);
    void this.worker.terminate();
  }

  private hear(news: PrefetchNews): void {
    if (this.over) return;
    if (news.kind === 'end') this.finish(undefined);
    else if (news.kind === 'error') this.finish(news.code && news.detail ? new PithError(news.code, news.detail) : died(news.message));
    else this.filled.push(news);
    this.wake();
  }

  private finish(error: PithError | undefined): void {
    this.over ??= { error };
    this.wake();
  }

  private async take(): Promise<IteratorResult<Batch, void>> {
    if (this.filled.length === 0 && !this.over) {
      this.worker.ref();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.worker.unref();
    }
    const next = this.filled.shift();
    if (!next) {
      const error = this.over?.error;
      await this.close();
      this.over = { error: undefined };
      if (error) throw error;
      return { done: true, value: undefined };
    }
    const { slot, batch } = next;
    const pixels = this.size / this.batch;
    const images = this.images.subarray(0, batch.count * pixels);
    const labels = this.labels.subarray(0, batch.count);
    images.set(this.allImages.subarray(slot * this.size, slot * this.size + images.length));
    labels.set(this.allLabels.subarray(slot * this.batch, slot * this.batch + batch.count));
    Atomics.store(this.states, slot, 0);
    Atomics.notify(this.states, slot);
    return { done: false, value: { ...batch, images, labels } };
  }
}

const died = (how: string): PithError =>
  new PithError('bug.worker', { expected: 'the worker to make batches', got: how, fix: 'report it' });
