/**
 * Models on disk. Node only. External data must lie in the model's own folder: no absolute path, no "..", no link, no range beyond the
 * end of its file. Of such a file only what tensors need is read. A file is in memory once, and its tensors are views of it.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { PithError } from '../base/errors.js';
import { writeAtomic } from '../base/files.js';
import type { Model } from '../base/tensor.js';
import type { ExternalResolver } from './external-data.js';
import { type ReadOptions, readOnnx } from './read.js';
import { onnxChunks, splitOnnx, weightBytes } from './write.js';

type LoadOptions = Omit<ReadOptions, 'external' | 'owned'>;

/**
 * Reads an ONNX file and its external data. Throws `input.file` where it is not a file that can be read, `input.external-data`,
 * and what `readOnnx` throws, with the path.
 */
export async function loadModel(path: string, options: LoadOptions = {}): Promise<Model> {
  return modelFromFile(path, readWhole(path, options.limits?.bytes ?? 2 ** 31 - 1), options);
}

/** The model of a file that was read already. Its bytes belong to the model from then on. Throws as `loadModel`. */
export function modelFromFile(path: string, bytes: Uint8Array, options: LoadOptions = {}): Model {
  const folder = new ExternalFolder(dirname(path));
  try {
    return readOnnx(bytes, { ...options, external: folder.read, owned: true });
  } catch (error) {
    throw error instanceof PithError ? error.within({ file: path }) : error;
  } finally {
    folder.close();
  }
}

/** Protobuf ends at 2 GiB; so much of it is left to all that is not the data of tensors. */
const largestInOne = 2 ** 31 - 2 ** 27;

/**
 * Writes a model as one ONNX file, whole or not at all; a model that is too large for one gets a file NAME.data beside it, which is written
 * first. Throws `output.*` and what `onnxChunks` throws.
 */
export async function saveModel(path: string, model: Model): Promise<void> {
  if (weightBytes(model) <= largestInOne) return writeAtomic(path, onnxChunks(model));
  const split = splitOnnx(model, `${basename(path)}.data`);
  await writeAtomic(`${path}.data`, split.data);
  await writeAtomic(path, split.model);
}

/** External data from one folder. Throws `input.external-data`, saying what is wrong with the place. */
class ExternalFolder {
  private readonly folder: string;
  private readonly files = new Map<string, { readonly handle: number; readonly size: number }>();

  constructor(folder: string) {
    this.folder = folder;
  }

  readonly read: ExternalResolver = ({ location, offset, length }) => {
    const path = contained(this.folder, location);
    const file = this.files.get(path) ?? openFile(path, true);
    this.files.set(path, file);
    if (offset + length > file.size)
      refuse(
        location,
        `${length} bytes at offset ${offset}`,
        `a file of ${file.size} bytes`,
        'the file is cut off or belongs to another model',
      );
    return readRange(file.handle, offset, length);
  };

  close(): void {
    for (const { handle } of this.files.values()) closeSync(handle);
  }
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

/** The bytes of an ordinary file. Throws `input.file` and `limit.bytes`. */
export function readWhole(path: string, maxBytes: number): Uint8Array {
  const { handle, size } = openFile(path, false);
  try {
    if (size > maxBytes)
      throw new PithError('limit.bytes', { at: { file: path }, expected: `a file of at most ${maxBytes} bytes`, got: `${size}` });
    return readRange(handle, 0, size);
  } finally {
    closeSync(handle);
  }
}

/** An ordinary file. A pipe or a device is refused, so that nothing waits for ever. */
function openFile(path: string, noLinks: boolean): { readonly handle: number; readonly size: number } {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (noLinks ? constants.O_NOFOLLOW : 0));
  } catch (cause) {
    throw new PithError(
      'input.file',
      { at: { file: path }, expected: 'a file that can be read', got: reasonOf(cause), fix: 'check the path' },
      { cause },
    );
  }
  try {
    const about = fstatSync(handle);
    if (!about.isFile())
      throw new PithError('input.file', {
        at: { file: path },
        expected: 'a file that can be read',
        got: about.isDirectory() ? 'a folder' : 'a device or pipe',
        fix: 'check the path',
      });
    if (noLinks && about.nlink > 1)
      throw new PithError('input.external-data', {
        at: { file: path },
        expected: 'a file of its own',
        got: 'one of several links to a file',
      });
    return { handle, size: about.size };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  return code === 'EACCES' ? 'no permission to read it' : String(error);
};

/** One call of the system reads less than 2 GiB. */
const readAtOnce = 2 ** 30;

function readRange(handle: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  for (let n = 1; done < length && n > 0; done += n) n = readSync(handle, bytes, done, Math.min(readAtOnce, length - done), offset + done);
  return bytes.subarray(0, done);
}
