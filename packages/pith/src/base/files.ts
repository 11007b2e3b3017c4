/**
 * Files that are either the old ones or the new ones, never something between: a temporary file beside the target, flushed, renamed
 * over it, the folder flushed. Node only. Not here: keeping a program from overwriting its own input, which the command line does.
 */
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ErrorCode, PithError } from './errors.js';

/** The calls that a write makes, so that tests can let each of them fail. */
export type Disk = { readonly lstat: typeof lstat; readonly open: typeof open; readonly rename: typeof rename; readonly rm: typeof rm };

const disk: Disk = { lstat, open, rename, rm };

interface Failure {
  readonly code: ErrorCode;
  readonly expected: string;
  readonly fix: string;
}

const full: Failure = { code: 'output.full', expected: 'room on the disk', fix: 'free some space or write to another disk' };
const denied: Failure = { code: 'output.denied', expected: 'permission to write here', fix: 'choose a folder that you may write to' };
const folder: Failure = { code: 'output.folder', expected: 'a folder that exists', fix: 'make the folder first' };
const failed: Failure = { code: 'output.failed', expected: 'the file to be written', fix: 'write to another place' };

const failures = new Map<string, Failure>([
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EFBIG', full],
  ['EACCES', denied],
  ['EPERM', denied],
  ['EROFS', denied],
  ['ENOENT', folder],
  ['ENOTDIR', folder],
]);

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** An error of the file system as the typed `output.*` error: `full`, `denied`, `folder` or `failed`. */
export function outputError(path: string, error: unknown): PithError {
  if (error instanceof PithError) return error;
  const { code, expected, fix } = failures.get(systemCode(error)) ?? failed;
  return new PithError(
    code,
    { at: { file: path }, expected, got: error instanceof Error ? error.message : String(error), fix },
    { cause: error },
  );
}

/**
 * Writes a file whole or not at all: whenever the process dies, `path` holds the old bytes or the new ones. The temporary file
 * (`.NAME.PID-N.tmp`, beside the target) is gone afterwards unless the process was killed. What `chunks` throws passes through as it is.
 * Throws `output.full`, `output.denied`, `output.folder`, `output.failed`, and `output.path` where the target is not an ordinary file.
 */
export async function writeAtomic(
  path: string,
  chunks: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  on: Disk = disk,
): Promise<void> {
  const io = <T>(call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw outputError(path, error);
    });

  const there = await on.lstat(path).catch(() => undefined);
  if (there && !there.isFile())
    throw new PithError('output.path', {
      at: { file: path },
      expected: 'a place for an ordinary file',
      got: there.isDirectory() ? 'a folder' : there.isSymbolicLink() ? 'a link' : 'a device or pipe',
      fix: 'give the path of a file',
    });

  const parent = dirname(path);
  const temporary = await io(openNew(parent, basename(path), on));
  try {
    try {
      for await (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks)
        for (let done = 0; done < chunk.length; ) done += (await io(temporary.handle.write(chunk, done))).bytesWritten;
      await io(temporary.handle.sync());
    } finally {
      await temporary.handle.close().catch(() => undefined);
    }
    await io(on.rename(temporary.path, path));
  } catch (error) {
    await on.rm(temporary.path, { force: true }).catch(() => undefined);
    throw error;
  }
  await flushFolder(parent, on);
}

/**
 * Makes a folder and those above it. Not `recursive` of Node, which never ends where a file system takes no folders. Throws what
 * `outputError` makes of the system's errors.
 */
export async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
  try {
    await make().catch(async (error: unknown) => {
      if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
      await makeFolder(dirname(path));
      await make();
    });
  } catch (error) {
    throw outputError(path, error);
  }
}

async function openNew(parent: string, name: string, on: Disk): Promise<{ path: string; handle: Awaited<ReturnType<typeof open>> }> {
  for (let n = 0; ; n++) {
    const path = join(parent, `.${name}.${process.pid}-${n}.tmp`);
    try {
      return { path, handle: await on.open(path, 'wx') };
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || n > 1000) throw error;
    }
  }
}

/** Makes the rename durable. Some file systems cannot flush a folder; the file is complete all the same. */
async function flushFolder(parent: string, on: Disk): Promise<void> {
  const handle = await on.open(parent, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}
