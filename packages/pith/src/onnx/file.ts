/**
 * Models on disk. Node only. External data must lie in the model's own folder: no absolute path, no "..", no link, no range beyond the
 * end of its file. Files of external data are read once and their tensors are views of them.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { PithError } from '../base/errors.js';
import { writeAtomic } from '../base/files.js';
import type { Model } from '../base/tensor.js';
import { type ReadOptions, readOnnx } from './read.js';
import type { ExternalResolver } from './tensor-read.js';
import { onnxChunks } from './write.js';

const largest = 2 ** 31 - 1;

/**
 * Reads an ONNX file and its external data. Throws `input.file` where it is not a file that can be read, `input.external-data`,
 * and what `readOnnx` throws, with the path.
 */
export async function loadModel(path: string, options: Omit<ReadOptions, 'external'> = {}): Promise<Model> {
  const bytes = readWhole(path, options.limits?.bytes ?? largest);
  try {
    return readOnnx(bytes, { ...options, external: folderResolver(dirname(path), options.limits?.bytes) });
  } catch (error) {
    throw error instanceof PithError ? error.within({ file: path }) : error;
  }
}

/** Writes a model as one ONNX file, whole or not at all. Throws `output.*` and what `onnxChunks` throws. */
export async function saveModel(path: string, model: Model): Promise<void> {
  await writeAtomic(path, onnxChunks(model));
}

/** External data from one folder. Throws `input.external-data`, saying what is wrong with the place, and `limit.bytes`. */
function folderResolver(folder: string, maxBytes = largest): ExternalResolver {
  const files = new Map<string, Uint8Array>();
  return ({ location, offset, length }) => {
    const path = contained(folder, location);
    let bytes = files.get(path);
    if (!bytes) {
      bytes = readWhole(path, maxBytes, true);
      files.set(path, bytes);
    }
    if (offset + length > bytes.length)
      refuse(
        location,
        `${length} bytes at offset ${offset}`,
        `a file of ${bytes.length} bytes`,
        'the file is cut off or belongs to another model',
      );
    return bytes.subarray(offset, offset + length);
  };
}

function refuse(location: string, expected: string, got: string, fix: string): never {
  throw new PithError('input.external-data', { at: { section: location }, expected, got, fix });
}

/** The path of a location inside the folder. Every part is looked at, so that no link leads out. */
function contained(folder: string, location: string): string {
  const expected = "a path inside the model's folder";
  const fix = 'put the data file beside the model and name it without folders';
  const parts = location.split(/[/\\]/);
  if (location.includes('\0')) refuse(location, expected, 'a path with a zero byte', fix);
  if (isAbsolute(location) || /^([a-z]:|[/\\])/i.test(location)) refuse(location, expected, 'an absolute path', fix);
  if (parts.includes('..')) refuse(location, expected, 'a path with ".."', fix);
  const root = resolve(folder);
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (!there) refuse(location, 'a file of external data', 'none there', 'copy the data file beside the model');
    if (there.isSymbolicLink()) refuse(location, expected, 'a link', 'replace the link by the file');
  }
  if (!realpathSync(path).startsWith(realpathSync(root) + sep)) refuse(location, expected, 'a path that leads out', fix);
  return path;
}

/** The bytes of an ordinary file. A pipe or a device is refused, so that nothing waits for ever. */
function readWhole(path: string, maxBytes: number, noLinks = false): Uint8Array {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (noLinks ? constants.O_NOFOLLOW : 0));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new PithError('input.file', { at: { file: path }, expected: 'a file that can be read', got }, { cause });
  }
  try {
    const about = fstatSync(handle);
    if (!about.isFile())
      throw new PithError('input.file', {
        at: { file: path },
        expected: 'an ordinary file',
        got: about.isDirectory() ? 'a folder' : 'a device or pipe',
      });
    if (noLinks && about.nlink > 1)
      throw new PithError('input.external-data', {
        at: { file: path },
        expected: 'a file of its own',
        got: 'one of several links to a file',
      });
    if (about.size > maxBytes)
      throw new PithError('limit.bytes', { at: { file: path }, expected: `a file of at most ${maxBytes} bytes`, got: `${about.size}` });
    const bytes = new Uint8Array(about.size);
    let done = 0;
    for (let n = 1; done < bytes.length && n > 0; done += n) n = readSync(handle, bytes, done, bytes.length - done, done);
    return bytes.subarray(0, done);
  } finally {
    closeSync(handle);
  }
}
