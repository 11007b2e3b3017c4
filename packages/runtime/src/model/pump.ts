/** Reads a stream of bytes to its end, and stops at once where the signal says so, also while it waits for a piece. */
import { PithError } from '../errors.js';

/** Throws `interrupted.cancelled` where the caller's signal says so. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }, { cause: signal.reason });
}

/** Why a stream ended before its time. */
export interface Cut {
  readonly error: unknown;
}

/**
 * Gives the reason where the stream breaks off. What `push` throws is thrown, and the stream is let go. Throws `usage.source` for a stream
 * that somebody else reads or that brings something else than bytes, `interrupted.cancelled`.
 */
export async function pump(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  push: (piece: Uint8Array) => void,
): Promise<Cut | undefined> {
  const reader = readerOf(stream);
  // nobody waits for it: a stream may take for ever to let go
  const letGo = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', letGo, { once: true });
  try {
    for (;;) {
      let piece: unknown;
      try {
        ({ value: piece } = await reader.read());
      } catch (error) {
        checkSignal(signal);
        return { error };
      }
      checkSignal(signal);
      if (piece === undefined) return undefined;
      push(bytesIn(piece));
    }
  } catch (error) {
    letGo();
    throw error;
  } finally {
    signal?.removeEventListener('abort', letGo);
  }
}

/** Throws `usage.source` where somebody else reads it. */
export function readerOf(stream: ReadableStream<Uint8Array>): ReadableStreamDefaultReader<Uint8Array> {
  if (!stream.locked) return stream.getReader();
  throw new PithError('usage.source', { expected: 'a stream or Response that nobody else reads', got: 'one that is being read' });
}

/** Throws `usage.source` for a piece that is something else: streams say nothing of what they bring. */
export function bytesIn(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new PithError('usage.source', { expected: 'a stream of Uint8Array', got: typeof piece });
}

/** Waits. Throws `interrupted.cancelled` as soon as the signal says so. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
  checkSignal(signal);
}
