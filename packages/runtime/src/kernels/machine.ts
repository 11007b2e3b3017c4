/**
 * What kernels run on: one WebAssembly memory with one instance of the kernel module, and a heap in it that grows at its end only. With
 * threads the memory is shared, and each of them has an instance of its own.
 * Memory is handed out as a stack: `release` gives back all that came after `mark`. An allocation that fails leaves all as it was.
 */
import { compileLetters } from '../codec/letters.js';
import { once } from '../codec/once.js';
import { PithError } from '../errors.js';
import { kernelLetters } from '../wasm.js';
import type { KernelExports } from './exports.js';
import { canShare } from './thread-host.js';
import { slotBytes } from './thread-script.js';
import { type Part, Threads, type ThreadsOptions } from './threads.js';

/** The kernel module, compiled. */
export interface Kernels {
  readonly module: WebAssembly.Module;
  /** The same for a memory that threads share. */
  shared(): WebAssembly.Module;
}

export interface MachineOptions {
  /** Those of the package unless given. */
  readonly kernels?: Kernels;
  /** The largest heap; 4 GiB unless said. */
  readonly maxBytes?: number;
}

const page = 65536;
/** Vectors at the end of a row may be read past it. */
const slack = 64;
const alignment = 64;

export class Machine {
  readonly exports: KernelExports;
  private readonly memory: WebAssembly.Memory;
  readonly maxBytes: number;
  private top: number;
  private highest = 0;
  private others: Threads | undefined;
  /** Scratch that a call in parts needs is needed so many times. */
  readonly parts: number;

  private constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, maxBytes: number, parts: number) {
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
    this.memory = memory;
    this.maxBytes = maxBytes;
    this.parts = parts;
    this.top = this.exports.heapBase();
  }

  /** Throws `unsupported.wasm` where there is no WebAssembly with SIMD, `limit.memory` where there is no memory. */
  static open({ kernels = ownKernels(), maxBytes = page * page }: MachineOptions = {}): Machine {
    return new Machine(kernels.module, newMemory(maxBytes), maxBytes, 1);
  }

  /**
   * The same for so many threads, which are on their way when it returns. Undefined where the host has no memory that they could share.
   * Throws `unsupported.wasm`, `limit.memory`.
   */
  static openShared(
    threads: number,
    { kernels = ownKernels(), maxBytes = page * page }: MachineOptions = {},
    options: ThreadsOptions = {},
  ): Machine | undefined {
    const memory = sharedMemory(maxBytes);
    if (!memory) return undefined;
    const module = kernels.shared();
    const machine = new Machine(module, memory, maxBytes, threads);
    const count = threads - 1;
    const at = machine.allocate(count * slotBytes);
    machine.others = new Threads({ module, memory, at, count, kernels: machine.exports }, options, machine);
    return machine;
  }

  /**
   * Calls a kernel for `count` of what its work can be divided into, in parts of whole units (and the last with what is left) on as many
   * threads as gain by it. `work`: multiply-adds, about a tenth of a nanosecond each. Whoever has what a part writes: nobody else.
   */
  inParts(count: number, unit: number, work: number, body: Part): void {
    if (this.others) this.others.run(count, unit, work, body);
    else body(this.exports, 0, count, 0);
  }

  /** Those that would compute now. */
  get threads(): number {
    return 1 + (this.others?.idle.length ?? 0);
  }

  /** Lets threads go: from now on this one is alone. */
  endThreads(): void {
    this.others?.end();
  }

  /** Where `bytes` new bytes begin, a multiple of 64; what is in them is not defined. Throws `limit.memory`. */
  allocate(bytes: number): number {
    const start = Math.ceil(this.top / alignment) * alignment;
    const end = start + bytes;
    const missing = end + slack - this.memory.buffer.byteLength;
    if (end > this.maxBytes || (missing > 0 && !this.grown(Math.ceil(missing / page)))) throw noMemory(bytes, this.top, this.maxBytes);
    this.top = end;
    this.highest = Math.max(this.highest, end);
    return start;
  }

  /** Copies numbers into new bytes. Throws `limit.memory`. */
  put(values: Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Uint8Array | Int8Array): number {
    const at = this.allocate(values.byteLength);
    this.bytes(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return at;
  }

  /** What `body` allocates is given back when it is done. */
  aside<T>(body: () => T): T {
    const mark = this.top;
    try {
      return body();
    } finally {
      this.top = mark;
    }
  }

  private grown(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  mark(): number {
    return this.top;
  }

  /** Gives back all that was allocated after `mark`. */
  release(mark: number): void {
    this.top = mark;
  }

  /** Views end when the memory grows: ask for them anew after each `allocate`. */
  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count);
  }

  ints(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count);
  }

  words(pointer: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, count);
  }

  bytes(pointer: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, count);
  }

  /** Bytes that are handed out. */
  get used(): number {
    return this.top;
  }

  /** The most that were handed out at once. */
  get most(): number {
    return this.highest;
  }
}

/** Declares the imported memory as one that threads share: all else stays. */
function share(kernels: Uint8Array): void {
  // behind the name and the kind of the import: its flags, which said that there is a maximum
  kernels[new TextDecoder('latin1').decode(kernels).indexOf('memory\x02') + 7] = 3;
}

/** Those that the package carries. Throws `unsupported.wasm`. */
export const ownKernels = once(
  (): Kernels => ({
    module: compileLetters(kernelLetters),
    shared: once(() => compileLetters(kernelLetters, share)),
  }),
);

/** Those that a caller brings. Of a module nobody knows the bytes: threads have the kernels of the package then. */
export const broughtKernels = ({
  module,
  bytes,
}: {
  readonly module: WebAssembly.Module;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}): Kernels => ({
  module,
  shared: once(() => {
    if (!bytes) return ownKernels().shared();
    share(bytes);
    return new WebAssembly.Module(bytes);
  }),
});

function newMemory(maxBytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: page });
  } catch (cause) {
    throw new PithError('limit.memory', { expected: `room for ${page} bytes`, got: `none, of at most ${maxBytes}` }, { cause });
  }
}

function sharedMemory(maxBytes: number): WebAssembly.Memory | undefined {
  try {
    return canShare() ? new WebAssembly.Memory({ initial: 1, maximum: Math.ceil(maxBytes / page), shared: true }) : undefined;
  } catch {
    return undefined;
  }
}

const noMemory = (bytes: number, used: number, most: number): PithError =>
  new PithError('limit.memory', {
    expected: `${bytes} more bytes beside the ${used} that are in use, at most ${most} together`,
    got: 'no room',
    fix: 'dispose models that are no longer needed, or run a smaller batch',
  });
