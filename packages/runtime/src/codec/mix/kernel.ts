/** What runs the models: the WebAssembly that is made of them. As they are written they give the same bytes. */
import { PithError } from '../../errors.js';
import { mixLetters } from '../../wasm.js';
import { ByteWriter } from '../bytes.js';
import { compileLetters } from '../letters.js';
import { once } from '../once.js';
import { RangeDecoder, RangeEncoder, truncated, unread } from '../range.js';
import type { Models } from './models.js';
import { Numbers } from './numbers.js';

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

/** Of models as they are written, over a coder as it is written. */
export function scripted(coder: RangeEncoder | RangeDecoder, models: Pick<Models, 'number' | 'start' | 'code'>): Kernel {
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

function ofNumbers(coder: RangeEncoder | RangeDecoder): Kernel {
  const numbers = new Numbers(coder);
  const none = (): never => {
    throw new PithError('bug.mix-array', { expected: 'numbers only', got: 'an array' });
  };
  return scripted(coder, { number: (value, slot) => numbers.code(value, slot), start: none, code: none });
}

/** For a few numbers, without arrays: an instance of WebAssembly would take longer to make, and two megabytes. */
export const numberKernels: Kernels = {
  encode: () => ofNumbers(new RangeEncoder()),
  decode: (bytes) => ofNumbers(new RangeDecoder(bytes)),
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

/** Throws `unsupported.wasm` where WebAssembly is missing or forbidden, for example by a page's content security policy. */
export const wasmKernels = once((): Kernels => {
  const module = compileLetters(mixLetters);
  return {
    encode: () => compiled(module, null),
    decode: (bytes) => compiled(module, bytes),
  };
});
