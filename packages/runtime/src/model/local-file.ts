/**
 * file: addresses in Node, whose fetch does not know them, so that `load(new URL('./model.pith', import.meta.url))` means the same there
 * as in a page. Other hosts that have files (Deno, Bun) read such addresses by fetch or in the same way; a page has none.
 */
import { PithError } from '../errors.js';

export interface LocalFile {
  /** A piece is good until the next is asked for: all come in the same memory. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly size: number;
}

/** What is used of Node's fs.promises. */
interface FileHandle {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  read(buffer: Uint8Array): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}
interface Files {
  open(path: URL): Promise<FileHandle>;
}
interface Process {
  getBuiltinModule?(name: string): { readonly promises: Files } | undefined;
}

const pieceLength = 1 << 18;

/** Nothing where the address is no file: address, or the host knows no files. Throws `input.file`. */
export async function openLocal(address: string): Promise<LocalFile | undefined> {
  if (!/^file:/i.test(address)) return undefined;
  const files = (Reflect.get(globalThis, 'process') as Process | undefined)?.getBuiltinModule?.('node:fs')?.promises;
  if (!files) return undefined;
  const refuse = (got: string, cause?: unknown): PithError =>
    new PithError('input.file', { at: { file: address }, expected: 'a file that can be read', got, fix: 'check the path' }, { cause });
  const handle = await files.open(new URL(address)).catch((error: unknown) => {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  });
  const about = await handle.stat();
  if (!about.isFile()) {
    await handle.close();
    throw refuse('a folder, a device or a pipe');
  }
  const piece = new Uint8Array(pieceLength);
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      const { bytesRead } = await handle.read(piece);
      if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
      await handle.close();
      controller.close();
    },
    cancel: () => handle.close(),
  };
  // nothing is read ahead
  const stream = new ReadableStream(source, { highWaterMark: 0 });
  return { stream, size: about.size };
}
