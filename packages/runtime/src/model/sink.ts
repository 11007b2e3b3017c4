/** Where the bytes of a file go as they come, and the count of them: for progress, and against a file that has no end. */
import { PithError } from '../errors.js';

export interface Progress {
  readonly phase: 'read' | 'decode' | 'plan';
  /** Bytes in phase `read`, steps otherwise. Goes back to 0 where a file that changed on its server is fetched anew. */
  readonly done: number;
  /** Unknown where the server does not say. */
  readonly total: number | undefined;
}

/** What it throws ends the reading. */
export interface Sink {
  /** The next piece may come in the same memory. */
  push(piece: Uint8Array): void;
  /** All that came was of no use: the file begins anew. */
  restart(): void;
}

/** One that is told how much will come, as far as anybody knows. */
export interface CountedSink extends Sink {
  expect(total: number | undefined): void;
}

export interface CountOptions {
  readonly sink: Sink;
  readonly maxBytes: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Throws `limit.file-bytes`. */
export function countedSink({ sink, maxBytes, onProgress }: CountOptions): CountedSink {
  let done = 0;
  let total: number | undefined;
  return {
    expect: (bytes) => {
      total = bytes;
    },
    restart: () => {
      done = 0;
      sink.restart();
    },
    push: (piece) => {
      done += piece.length;
      if (done > maxBytes)
        throw new PithError('limit.file-bytes', {
          expected: `at most ${maxBytes} bytes`,
          got: 'more',
          fix: 'if you trust the file, raise limits.maxDecodedBytes',
        });
      onProgress?.({ phase: 'read', done, total });
      sink.push(piece);
    },
  };
}
