/** What runs the models: the WebAssembly that is made of them, or where there is none, themselves. Both give the same bytes. */
import { ByteWriter } from '../bytes.js';
import { bytesOfLetters } from '../letters.js';
import { once } from '../once.js';
import { RangeDecoder, RangeEncoder, truncated, unread } from '../range.js';
import { Models } from './models.js';
import { wasm } from './wasm.js';

/** Entries that go through a kernel at a time. */
export const slabLength = 16384;
/** Coded bytes that go into WebAssembly at a time. */
const windowLength = 65536;
/** Zeros that a decoder may see past the end. */
const ahead = 4;

export interface Kernel {
  /** Where entries are handed in and out. */
  readonly slab: Int32Array;
  number(value: number, slot: number): number;
  start(kind: number, a: number, b: number, c: number): void;
  /** Codes the first `count` entries of the slab. */
  code(count: number): void;
  position(): number;
  finish(): Uint8Array;
  end(): void;
}

/** How kernels are made, for each kind of machine. */
export interface Kernels {
  encode(): Kernel;
  decode(bytes: Uint8Array): Kernel;
}

function scripted(coder: RangeEncoder | RangeDecoder): Kernel {
  const models = new Models(coder);
  const slab = new Int32Array(slabLength);
  return {
    slab,
    number: (value, slot) => models.number(value, slot),
    start: (kind, a, b, c) => models.start(kind, a, b, c),
    code: (count) => models.code(slab, count),
    position: () => coder.position(),
    finish: () => (coder as RangeEncoder).finish(),
    end: () => (coder as RangeDecoder).end(),
  };
}

/** The models as they are written. */
export const scriptKernels: Kernels = {
  encode: () => scripted(new RangeEncoder()),
  decode: (bytes) => scripted(new RangeDecoder(bytes)),
};

interface Exports {
  readonly memory: WebAssembly.Memory;
  slab(): number;
  window(): number;
  decode(): void;
  number(value: number, slot: number): number;
  start(kind: number, a: number, b: number, c: number): void;
  code(count: number): void;
  shifted(): number;
  range(): number;
  unread(): number;
  finish(): void;
}

/** An instance of its own for each section: nothing is left of another one. */
function compiled(module: WebAssembly.Module, bytes: Uint8Array | null): Kernel {
  const out = new ByteWriter();
  let at = 0;
  const window = (count: number): Uint8Array => new Uint8Array(exports.memory.buffer, exports.window(), count);
  const refill = (): number => {
    const source = bytes ?? new Uint8Array(0);
    const count = at < source.length ? Math.min(windowLength, source.length - at) : ahead;
    if (at > source.length) truncated();
    if (at < source.length) window(count).set(source.subarray(at, at + count));
    else window(count).fill(0);
    at += count;
    return count;
  };
  const drain = (count: number): void => out.bytes(window(count));
  const exports = new WebAssembly.Instance(module, { range: { refill, drain } }).exports as unknown as Exports;
  let slab = new Int32Array(exports.memory.buffer, exports.slab(), slabLength);
  if (bytes) exports.decode();
  return {
    get slab() {
      // memory that has grown is in another buffer
      if (slab.length === 0) slab = new Int32Array(exports.memory.buffer, exports.slab(), slabLength);
      return slab;
    },
    number: exports.number,
    start: exports.start,
    code: exports.code,
    position: () => 8 * exports.shifted() + 32 - Math.log2(exports.range()),
    finish() {
      exports.finish();
      return out.done().slice();
    },
    end() {
      const left = (bytes?.length ?? 0) - at + exports.unread();
      if (left > 0) unread(left);
    },
  };
}

/** The models in WebAssembly; undefined where that is missing or forbidden, for example by a page's content security policy. */
export const wasmKernels = once((): Kernels | undefined => {
  try {
    const module = new WebAssembly.Module(bytesOfLetters(wasm));
    return {
      encode: () => compiled(module, null),
      decode: (bytes) => compiled(module, bytes),
    };
  } catch {
    return undefined;
  }
});
