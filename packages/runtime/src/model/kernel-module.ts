/** The kernels as the caller brings them: a file of their own, which a server can cache and a page compile while it comes, or compiled already. */
import { PithError } from '../errors.js';
import { kernelNames } from '../kernels/exports.js';
import { readSource, type Source } from './source.js';

/** What `pith-runtime/kernels.wasm` is, or `pith-runtime/kernels.relaxed.wasm`, from anywhere. */
export type KernelSource = Source | WebAssembly.Module;

/** Far more than there will ever be. */
const mostBytes = 1 << 24;

export interface KernelModule {
  readonly module: WebAssembly.Module;
  /** What it was compiled from, where that is known. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Throws what `readSource` throws, `input.wasm` for what is no WebAssembly or has not the kernels of this version, `unsupported.wasm`. */
export async function kernelModule(source: KernelSource, signal: AbortSignal | undefined): Promise<KernelModule> {
  if (typeof WebAssembly === 'undefined') throw new PithError('unsupported.wasm', { expected: 'WebAssembly', got: 'none' });
  if (source instanceof WebAssembly.Module) return { module: checked(source) };
  const bytes = await bytesOf(source, signal);
  return { module: checked(await compiled(bytes)), bytes };
}

function checked(module: WebAssembly.Module): WebAssembly.Module {
  const there = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const missing = kernelNames.split(' ').filter((name) => !there.has(name));
  if (missing.length > 0) throw wrong(`a module without ${missing.slice(0, 5).join(', ')}`);
  return module;
}

async function bytesOf(source: Source, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  let pieces: Uint8Array[] = [];
  await readSource(source, {
    signal,
    maxBytes: mostBytes,
    retries: 5,
    sink: {
      push: (piece) => void pieces.push(piece.slice()),
      restart: () => {
        pieces = [];
      },
    },
  });
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function compiled(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const wrong = (got: string, cause?: unknown): PithError =>
  new PithError(
    'input.wasm',
    { expected: 'the kernels of this version of pith-runtime', got, fix: 'give pith-runtime/kernels.wasm of the same package, or nothing' },
    { cause },
  );
