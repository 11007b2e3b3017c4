/** What a page and its worker tell each other over one port, which belongs to one model: plain data, large arrays handed over. */
import { type ErrorCode, type ErrorDetail, PithError } from '../errors.js';
import type { Explained } from '../model/explain.js';
import type { FeedData, Feeds } from '../model/feeds.js';
import type { ModelMemory, Outputs } from '../model/loaded-model.js';
import type { OpenOptions } from '../model/open.js';
import type { Progress } from '../model/sink.js';
import type { ValueInfo } from '../model.js';

/** Options that can be sent. */
export interface SentOptions extends Omit<OpenOptions, 'signal' | 'onProgress'> {
  readonly wasm?: WebAssembly.Module;
  readonly allowReducedPrecision?: boolean;
  readonly threads?: number;
}

/** A source as it is sent; of a stream the pieces come one by one, as they are asked for. */
export type SentSource =
  | { readonly kind: 'whole'; readonly source: Uint8Array | ArrayBuffer | Blob | string }
  | { readonly kind: 'stream'; readonly total: number | undefined };

export type ToWorker =
  | { readonly kind: 'load'; readonly source: SentSource; readonly options: SentOptions }
  /** Nothing at the end of the stream; `broken`: it ended before its time. */
  | { readonly kind: 'piece'; readonly piece: Uint8Array | undefined; readonly broken?: string }
  | { readonly kind: 'run'; readonly id: number; readonly feeds: Feeds }
  | { readonly kind: 'explain'; readonly id: number }
  | { readonly kind: 'memory'; readonly id: number }
  | { readonly kind: 'threads'; readonly id: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'dispose' };

export interface Loaded {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

export type FromWorker =
  | { readonly kind: 'pull' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'loaded'; readonly model: Loaded }
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: Outputs }
  | { readonly kind: 'explained'; readonly id: number; readonly steps: readonly Explained[] }
  | { readonly kind: 'measured'; readonly id: number; readonly memory: ModelMemory }
  | { readonly kind: 'counted'; readonly id: number; readonly threads: number }
  /** Without an id: loading failed. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: SentError };

export interface SentError {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
}

export const sentError = (error: unknown): SentError =>
  error instanceof PithError
    ? { code: error.code, detail: error.detail }
    : { code: 'bug.worker', detail: { expected: 'no error but those of pith', got: String(error) } };

export const receivedError = ({ code, detail }: SentError): PithError => new PithError(code, detail);

/** Numbers by name in buffers of their own, and those buffers. `keep`: the sender goes on using his. */
export function handedOver<T extends Feeds | Outputs>(named: T, keep: boolean): { readonly named: T; readonly buffers: ArrayBuffer[] } {
  const buffers = new Set<ArrayBuffer>();
  const own = (data: FeedData): FeedData => {
    const fills = data.byteLength === data.buffer.byteLength;
    const array = keep || !fills ? data.slice() : data;
    buffers.add(array.buffer as ArrayBuffer);
    return array;
  };
  const entries = Object.entries<Feeds[string]>(named).map(([name, feed]) => [
    name,
    ArrayBuffer.isView(feed) ? own(feed) : { ...feed, dims: [...feed.dims], data: own(feed.data) },
  ]);
  return { named: Object.fromEntries(entries) as T, buffers: [...buffers] };
}
