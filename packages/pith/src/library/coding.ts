/**
 * .pith files made and read while a program works on: on this thread where that takes a moment, for larger models on threads of their own,
 * which leaves this one free to hear a signal and to tell how far it is. The bytes are the same.
 */
import { availableParallelism } from 'node:os';
import { readModel, readModelOn, readPithOn, toModel, type WritePithOptions, type WrittenPith, writePith, writePithOn } from 'pith-runtime';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { type SectionThreads, sectionThreads } from '../engine/section-threads.js';
import { generous } from './limits.js';
import { TensorsOnDisk } from './tensors-on-disk.js';

export interface Coding {
  write(options: WritePithOptions): Promise<WrittenPith>;
  read(file: Uint8Array): Promise<Model>;
  /** The model only for as long as `body` takes: a large one is on the disk meanwhile, and each look at a tensor's data reads them. */
  borrow<T>(file: Uint8Array, body: (model: Model) => Promise<T>): Promise<T>;
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
/** And from which on a model is better on the disk than in memory. */
export const largeModel = 1 << 27;

/** Throws from its calls what the runtime throws, and `interrupted.cancelled`. */
export function codingFor({ denseBytes, threads, signal }: CodingOptions): Coding {
  const small = denseBytes < worthwhile;
  const on = <T>(body: (host: SectionThreads) => Promise<T>): Promise<T> => onThreads(threads || availableParallelism(), signal, body);
  const read = async (file: Uint8Array): Promise<Model> => {
    await turn(signal);
    return small ? readModel(file, generous) : on((host) => readModelOn(host, file, generous));
  };
  const readOnto = (file: Uint8Array, { hold }: TensorsOnDisk): Promise<Model> =>
    on(async (host) => toModel(await readPithOn(host, file, { limits: generous, hold })));
  return {
    async write(options) {
      await turn(signal);
      return small ? writePith(options) : on((host) => writePithOn(host, options));
    },
    read,
    async borrow(file, body) {
      if (denseBytes < largeModel) return body(await read(file));
      await turn(signal);
      const disk = new TensorsOnDisk();
      try {
        return await body(await readOnto(file, disk));
      } finally {
        disk.drop();
      }
    },
  };
}

/** Threads for one job: what they took of memory goes with them. */
async function onThreads<T>(count: number, signal: AbortSignal | undefined, body: (host: SectionThreads) => Promise<T>): Promise<T> {
  const host = sectionThreads(Math.min(64, count));
  const stop = (): void => void host.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await body(host);
  } finally {
    signal?.removeEventListener('abort', stop);
    await host.close();
  }
}
