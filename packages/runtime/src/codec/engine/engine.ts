/** What reads coded bytes: the WebAssembly that is made of core.ts. */

import { engineLetters } from '../../wasm.js';
import { compileLetters } from '../letters.js';
import { once } from '../once.js';
import type { Core } from './core.js';

type Calls = Omit<Core, 'input' | 'slab' | 'other' | 'room'>;

/** Whatever it has read leaves no trace in what it reads next. */
export interface Engine extends Calls {
  /** Makes these bytes the input; does nothing where they are already. They stay until the next call. */
  hold(bytes: Uint8Array): void;
  /** After use: who gave the bytes may change or drop them. */
  letGo(): void;
  /** Where entries come out; both anew for each use, for memory may have grown. */
  readonly slab: Int32Array;
  readonly other: Int32Array;
}

interface Exports extends Calls {
  readonly memory: WebAssembly.Memory;
  input(count: number): number;
  slab(): number;
  other(): number;
}

const slabBytes = 65536;

function compiled(module: WebAssembly.Module): Engine {
  const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
  const { memory } = exports;
  const ints = (pointer: number): Int32Array => new Int32Array(memory.buffer, pointer, slabBytes / 4);
  let held: Uint8Array | undefined;
  return {
    ...exports,
    hold(bytes) {
      if (held === bytes) return;
      const at = exports.input(bytes.length);
      new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
      held = bytes;
    },
    letGo() {
      held = undefined;
    },
    get slab() {
      return ints(exports.slab());
    },
    get other() {
      return ints(exports.other());
    },
  };
}

const module = once(() => compileLetters(engineLetters));
/** Throws `unsupported.wasm`. */
export const newEngine = (): Engine => compiled(module());
const kept = once(newEngine);

/** Memory for more than this is not kept. */
const mostKept = 2 ** 20;

/** For the parts of one file: those of many bytes share an engine that is let go with what this gives. */
export function enginesOfFile(): (bytes: number) => Engine {
  const large = once(newEngine);
  return (bytes) => (bytes > mostKept ? large() : kept());
}

/** For so many bytes, throws `unsupported.wasm`: the one of this thread, which has learned what texts begin with, or for many one of their own. */
export const engineFor = (bytes: number): Engine => (bytes > mostKept ? newEngine() : kept());
