/**
 * What kernels run on: one WebAssembly memory with one instance of the kernel module, and a heap in it that grows at its end only.
 * Memory is handed out as a stack: `release` gives back all that came after `mark`. An allocation that fails leaves all as it was.
 */
import { compileLetters } from '../codec/letters.js';
import { once } from '../codec/once.js';
import { PithError } from '../errors.js';
import { type KernelExports, wasm } from './wasm.js';

export interface MachineOptions {
  /** The kernel module, where it is compiled already. */
  readonly module?: WebAssembly.Module;
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
  private readonly maxBytes: number;
  private top: number;
  private highest = 0;

  private constructor(exports: KernelExports, memory: WebAssembly.Memory, maxBytes: number) {
    this.exports = exports;
    this.memory = memory;
    this.maxBytes = maxBytes;
    this.top = exports.heapBase();
  }

  /** Throws `unsupported.wasm` where there is no WebAssembly with SIMD, `limit.memory` where there is no memory. */
  static open({ module = compileKernels(), maxBytes = page * page }: MachineOptions = {}): Machine {
    const memory = newMemory(maxBytes);
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return new Machine(instance.exports as unknown as KernelExports, memory, maxBytes);
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

/** Once for all models of this thread. Throws `unsupported.wasm`. */
export const compileKernels = once((): WebAssembly.Module => compileLetters(wasm));

function newMemory(maxBytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1 });
  } catch (cause) {
    throw new PithError('limit.memory', { expected: `room for ${page} bytes`, got: `none, of at most ${maxBytes}` }, { cause });
  }
}

const noMemory = (bytes: number, used: number, most: number): PithError =>
  new PithError('limit.memory', {
    expected: `${bytes} more bytes beside the ${used} that are in use, at most ${most} together`,
    got: 'no room',
    fix: 'dispose models that are no longer needed, or run a smaller batch',
  });
