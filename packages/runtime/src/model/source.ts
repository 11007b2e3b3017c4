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
}

/** Throws `interrupted.cancelled` where the caller's signal says so. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }, { cause: signal.reason });
}

/** Throws `input.fetch`, `limit.file-bytes`, `interrupted.cancelled`. A string is an address. */
export async function readSource(source: Source, options: ReadOptions): Promise<Uint8Array> {
  checkSignal(options.signal);
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
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

async function readStream(stream: ReadableStream<Uint8Array>, total: number | undefined, options: ReadOptions): Promise<Uint8Array> {
  const { signal, onProgress, maxBytes } = options;
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let done = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (!value) break;
      checkSignal(signal);
      pieces.push(value);
      done += value.length;
      if (done > maxBytes)
        throw new PithError('limit.file-bytes', {
          expected: `at most ${maxBytes} bytes`,
          got: 'more',
          fix: 'raise limits.maxDecodedBytes',
        });
      onProgress?.({ phase: 'read', done, total });
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    checkSignal(signal);
    throw error instanceof PithError
      ? error
      : new PithError('input.fetch', { expected: 'the rest of the file', got: `an end after ${done} bytes` }, { cause: error });
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
