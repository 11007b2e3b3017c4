/**
 * .pith files made and read while a program works on: on this thread where that takes a moment, for larger models on threads of their own,
 * which leaves this one free to hear a signal and to tell how far it is. The bytes are the same.
 */
import { availableParallelism } from 'node:os';
import { readModel, readModelOn, readPithOn, type SectionHost, toModel, type WritePithOptions, type WrittenPith, writePith, writePithOn } from 'pith-runtime';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { sectionThreads } from '../engine/section-threads.js';
import { generous } from './limits.js';
import { TensorsOnDisk } from './tensors-on-disk.js';

export interface Coding {
  write(options: WritePithOptions): Promise<WrittenPith>;
  read(file: Uint8Array): Promise<Model>;
  /** The model only for as long as `body` takes: a large one is on the disk meanwhile, and each look at a tensor's data reads them. */
  borrow<T>(file: Uint8Array, body: (model: Model) => Promise<T>): Promise<T>;
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
/** And from which on two models are one too many in memory. */
const large = 1 << 27;

/** Throws from its calls what the runtime throws, and `interrupted.cancelled`. */
export function codingFor({ denseBytes, threads, signal }: CodingOptions): Coding {
  if (denseBytes < worthwhile) {
    const read = (file: Uint8Array): Promise<Model> => turn(signal).then(() => readModel(file, generous));
    return {
      write: (options) => turn(signal).then(() => writePith(options)),
      read,
      borrow: async (file, body) => body(await read(file)),
      close: async () => undefined,
    };
  }
  const host = sectionThreads(Math.min(64, threads || availableParallelism()));
  const stop = (): void => void host.close();
  signal?.addEventListener('abort', stop, { once: true });
  const read = (file: Uint8Array): Promise<Model> => turn(signal).then(() => readModelOn(host, file, generous));
  return {
    write: (options) => turn(signal).then(() => writePithOn(host, options)),
    read,
    borrow: (file, body) => (denseBytes < large ? read(file).then(body) : turn(signal).then(() => onDisk(host, file, body))),
    close: async () => {
      signal?.removeEventListener('abort', stop);
      await host.close();
    },
  };
}

async function onDisk<T>(host: SectionHost, file: Uint8Array, body: (model: Model) => Promise<T>): Promise<T> {
  const disk = new TensorsOnDisk();
  try {
    return await body(toModel(await readPithOn(host, file, { limits: generous, hold: disk.hold })));
  } finally {
    disk.drop();
  }
}
