/** Gets the bytes of a file from wherever they are: memory, a stream, a server. No Node-only import; paths are the caller's. */
import { PithError } from '../errors.js';

export type Source = Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array> | URL | string;

export interface Progress {
  readonly phase: 'read' | 'decode' | 'plan';
  /** Bytes in phase `read`, steps otherwise. */
  readonly done: number;
  /** Unknown where the server does not say. */
  readonly total: number | undefined;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly maxBytes: number;
  /** What it throws ends the reading. */
  readonly push: (piece: Uint8Array) => void;
}

/** Throws `interrupted.cancelled` where the caller's signal says so. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }, { cause: signal.reason });
}

/** Hands on the bytes as they come. Throws `input.fetch`, `limit.file-bytes`, `interrupted.cancelled`. A string is an address. */
export async function readSource(source: Source, options: ReadOptions): Promise<void> {
  checkSignal(options.signal);
  if (source instanceof Uint8Array) return options.push(source);
  if (source instanceof ArrayBuffer) return options.push(new Uint8Array(source));
  if (source instanceof Blob) return readStream(source.stream(), source.size, options);
  if (source instanceof ReadableStream) return readStream(source, undefined, options);
  const response = source instanceof Response ? source : await request(String(source), options.signal);
  if (!response.ok || !response.body)
    throw new PithError('input.fetch', {
      at: { file: response.url },
      expected: 'a file',
      got: `status ${response.status} ${response.statusText}`,
      fix: 'look at the address',
    });
  const length = Number(response.headers.get('content-length'));
  // a compressed answer is longer than its content-length says
  const total = length > 0 && !response.headers.get('content-encoding') ? length : undefined;
  return readStream(response.body, total, options);
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    checkSignal(signal);
    throw new PithError(
      'input.fetch',
      { at: { file: url }, expected: 'an answer', got: 'none', fix: 'look at the address and the network' },
      { cause },
    );
  }
}

async function readStream(stream: ReadableStream<Uint8Array>, total: number | undefined, options: ReadOptions): Promise<void> {
  const { signal, onProgress, maxBytes, push } = options;
  const reader = stream.getReader();
  let done = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (!value) break;
      checkSignal(signal);
      done += value.length;
      if (done > maxBytes)
        throw new PithError('limit.file-bytes', {
          expected: `at most ${maxBytes} bytes`,
          got: 'more',
          fix: 'raise limits.maxDecodedBytes',
        });
      onProgress?.({ phase: 'read', done, total });
      push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    checkSignal(signal);
    throw error instanceof PithError
      ? error
      : new PithError('input.fetch', { expected: 'the rest of the file', got: `an end after ${done} bytes` }, { cause: error });
  }
}
