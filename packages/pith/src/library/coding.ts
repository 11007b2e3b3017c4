/**
 * .pith files made and read while a program works on: on this thread where that takes a moment, for larger models on threads of their own,
 * which leaves this one free to hear a signal and to tell how far it is. The bytes are the same.
 */
import { availableParallelism } from 'node:os';
import { readModel, readModelOn, type WritePithOptions, type WrittenPith, writePith, writePithOn } from 'pith-runtime';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { sectionThreads } from '../engine/section-threads.js';
import { generous } from './limits.js';

export interface Coding {
  write(options: WritePithOptions): Promise<WrittenPith>;
  read(file: Uint8Array): Promise<Model>;
  close(): Promise<void>;
}

export interface CodingOptions {
  /** Bytes of all tensors in dense form. */
  readonly denseBytes: number;
  /** 0: one for each core. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Dense bytes from which on threads are worth their start. */
const worthwhile = 4 << 20;

/** Throws from its calls what the runtime throws, and `interrupted.cancelled`. */
export function codingFor({ denseBytes, threads, signal }: CodingOptions): Coding {
  if (denseBytes < worthwhile)
    return {
      write: (options) => turn(signal).then(() => writePith(options)),
      read: (file) => turn(signal).then(() => readModel(file, generous)),
      close: async () => undefined,
    };
  const host = sectionThreads(Math.min(64, threads || availableParallelism()));
  const stop = (): void => void host.close();
  signal?.addEventListener('abort', stop, { once: true });
  return {
    write: (options) => turn(signal).then(() => writePithOn(host, options)),
    read: (file) => turn(signal).then(() => readModelOn(host, file, generous)),
    close: async () => {
      signal?.removeEventListener('abort', stop);
      await host.close();
    },
  };
}
