/**
 * Bytes as letters, the form in which modules of WebAssembly are carried: those that are frequent there are one letter each, the others
 * two. Compressed by gzip that takes no more than the bytes themselves, where hexadecimal digits take a tenth more and base64 a third. A
 * small module of WebAssembly reads them: a loop of JavaScript over fifty thousand letters that has never run before takes longer than all
 * else that a first load does.
 */
import { PithError } from '../errors.js';
import { digits } from './letters/wasm.js';
import { once } from './once.js';

interface Exports {
  readonly memory: WebAssembly.Memory;
  decode(length: number): number;
}

/** Where the letters stand. */
const start = 512;

const reader = once(() => new WebAssembly.Module(bytesOfDigits(digits)));

/** Throws what the host throws where WebAssembly is missing or forbidden. */
export function bytesOfLetters(text: string): Uint8Array<ArrayBuffer> {
  const { memory, decode } = new WebAssembly.Instance(reader()).exports as unknown as Exports;
  memory.grow(Math.ceil((start + text.length) / 65536));
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, start));
  return new Uint8Array(memory.buffer, start, decode(text.length));
}

function bytesOfDigits(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** `change`: of the bytes, before they are compiled. Throws `unsupported.wasm`. */
export function compileLetters(text: string, change: (bytes: Uint8Array) => void = () => undefined): WebAssembly.Module {
  try {
    const bytes = bytesOfLetters(text);
    change(bytes);
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw noWasm(cause);
  }
}

const noWasm = (cause: unknown): PithError =>
  new PithError(
    'unsupported.wasm',
    {
      expected: 'WebAssembly with SIMD',
      got: cause instanceof Error ? cause.message : String(cause),
      fix: "allow 'wasm-unsafe-eval' in the content security policy, or use a newer browser",
    },
    { cause },
  );
