/**
 * Gets the bytes of a file from wherever they are: memory, a stream, a disk, a server. They are handed on as they come and not kept.
 * No Node-only import: where a file: address can be read, it is asked for while running.
 */
import { PithError } from '../errors.js';
import { bodyOf, lengthOf } from './answer.js';
import { download } from './download.js';
import { openLocal } from './local-file.js';
import { checkSignal, pump } from './pump.js';
import { type CountedSink, countedSink, type Progress, type Sink } from './sink.js';

/** A string is an address. */
export type Source = Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array> | URL | string;

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly maxBytes: number;
  /** How often in a row a download that was cut off is taken up again without anything coming of it. */
  readonly retries: number;
  readonly sink: Sink;
}

/**
 * Hands on the bytes as they come. Throws `input.fetch`, `input.file`, `limit.file-bytes`, `usage.source`, `interrupted.cancelled`.
 * Only a download from an address can be taken up again where the connection was cut.
 */
export async function readSource(source: Source, options: ReadOptions): Promise<void> {
  const { signal, retries } = options;
  checkSignal(signal);
  const sink = countedSink(options);
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    sink.expect(bytes.length);
    sink.push(bytes);
  } else if (source instanceof Blob) await readStream(source.stream(), source.size, sink, signal);
  else if (source instanceof ReadableStream) await readStream(source, undefined, sink, signal);
  else if (source instanceof Response) await readStream(bodyOf(source), lengthOf(source), sink, signal);
  else if (typeof source === 'string' || source instanceof URL) {
    const local = await openLocal(String(source));
    if (local) await readStream(local.stream, local.size, sink, signal);
    else await download(String(source), { signal, retries, sink });
  } else throw noSource(source);
}

export const noSource = (given: unknown): PithError =>
  new PithError('usage.source', {
    expected: 'bytes, a Blob, a Response, a stream of bytes, a URL or an address',
    got: given === null ? 'null' : typeof given,
  });

async function readStream(
  stream: ReadableStream<Uint8Array>,
  total: number | undefined,
  sink: CountedSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  sink.expect(total);
  let done = 0;
  const cut = await pump(stream, signal, (piece) => {
    done += piece.length;
    sink.push(piece);
  });
  if (cut)
    throw new PithError(
      'input.fetch',
      { expected: 'the rest of the file', got: `an end after ${done} bytes`, fix: 'fetch it again' },
      { cause: cut.error },
    );
}
