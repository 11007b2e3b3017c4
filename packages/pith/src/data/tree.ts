/**
 * The files of a data set, whether they lie in a folder or in a tar archive: names first, bytes when asked for. Node only. Nothing is
 * ever unpacked to disk, so that a name inside an archive cannot point anywhere.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline as pipe, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { checkSignal, PithError } from '../base/errors.js';

export interface Tree {
  /** The folder or archive, for messages. */
  readonly name: string;
  /** Files, as paths with '/' below `name`, sorted by code unit. Hidden ones are left out. */
  readonly paths: readonly string[];
  read(path: string): Promise<Uint8Array>;
}

/** A folder or archive that was found but not yet read. */
export interface Place {
  readonly name: string;
  /** Changes whenever the data may have changed: a hash of the archive, or of the names, sizes and times of the files. */
  stamp(): Promise<string>;
  tree(): Promise<Tree>;
}

export interface ReadProgress {
  readonly phase: 'read' | 'decode';
  readonly done: number;
  readonly total: number;
}

export interface ReadContext {
  readonly signal: AbortSignal | undefined;
  /** Most bytes that the unpacked data may take. */
  readonly maxBytes: number;
  readonly onProgress: (progress: ReadProgress) => void;
}

/** Deeper folders than train/<class>/<file> inside one wrapping folder do not occur in data sets. */
const MAX_DEPTH = 5;
const MAX_FILES = 5_000_000;
const unzip = promisify(gunzip);
export const archive = /\.(tar|tar\.gz|tgz)$/i;
const hidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.'));

/** Memory that worker threads can read too, so that batches are prepared elsewhere without copying the images. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

export const tooLarge = (file: string, bytes: number, maxBytes: number): PithError =>
  new PithError('limit.data', {
    at: { file },
    expected: `at most ${maxBytes} bytes of data`,
    got: String(bytes),
    fix: 'raise the option maxBytes, or give a smaller --size',
  });

/** An error of the file system as `input.file-missing` or `input.file-unreadable`. */
function readError(file: string, error: unknown): PithError {
  if (error instanceof PithError) return error;
  const got = error instanceof Error ? error.message : String(error);
  const missing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
  return missing
    ? new PithError('input.file-missing', { at: { file }, expected: 'a data set', got: 'nothing there', fix: 'correct the path' })
    : new PithError(
        'input.file-unreadable',
        { at: { file }, expected: 'a readable file', got, fix: 'check its permissions' },
        { cause: error },
      );
}

/** Finds out what `path` is: an archive, a folder that holds one archive and nothing else, or a folder of files. */
export async function findPlace(path: string, context: ReadContext): Promise<Place> {
  try {
    if ((await stat(path)).isFile()) {
      if (archive.test(path)) return tarPlace(path, context);
      throw new PithError('input.data-unknown', {
        at: { file: path },
        expected: 'a folder or an archive that ends in .tar, .tar.gz or .tgz',
        got: 'another file',
        fix: 'give the folder that the file lies in',
      });
    }
    const [only, ...more] = (await readdir(path)).filter((name) => !name.startsWith('.'));
    return only !== undefined && more.length === 0 && archive.test(only) ? tarPlace(join(path, only), context) : folderPlace(path, context);
  } catch (error) {
    throw readError(path, error);
  }
}

function folderPlace(root: string, context: ReadContext): Place {
  const list = async (): Promise<string[]> => {
    const paths: string[] = [];
    const walk = async (below: string, depth: number): Promise<void> => {
      checkSignal(context.signal);
      for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const path = below ? `${below}/${entry.name}` : entry.name;
        const kind = entry.isSymbolicLink() ? await stat(join(root, path)) : entry;
        if (kind.isDirectory() && depth < MAX_DEPTH) await walk(path, depth + 1);
        else if (kind.isFile()) paths.push(path);
        if (paths.length > MAX_FILES)
          throw new PithError('limit.data', { at: { file: root }, expected: `at most ${MAX_FILES} files`, got: 'more' });
      }
    };
    await walk('', 0);
    return paths.sort();
  };
  return {
    name: root,
    stamp: async () => {
      const hash = createHash('sha256');
      for (const path of await list()) {
        checkSignal(context.signal);
        const { size, mtimeMs } = await stat(join(root, path));
        hash.update(`${path}\0${size}\0${mtimeMs}\0`);
      }
      return hash.digest('hex');
    },
    tree: async () => ({
      name: root,
      paths: await list(),
      read: (path) => readWhole(join(root, path), context),
    }),
  };
}

async function readWhole(file: string, context: ReadContext): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > context.maxBytes) throw tooLarge(file, size, context.maxBytes);
    return await readFile(file);
  } catch (error) {
    throw readError(file, error);
  }
}

function tarPlace(file: string, context: ReadContext): Place {
  return {
    name: file,
    stamp: async () => {
      const hash = createHash('sha256');
      await pipeline(createReadStream(file), hash, { signal: context.signal });
      return hash.digest('hex');
    },
    tree: async () => {
      const files = await readTar(file, context);
      return {
        name: file,
        paths: [...files.keys()].sort(),
        read: async (path) => {
          const bytes = files.get(path);
          if (!bytes) throw readError(`${file}/${path}`, { code: 'ENOENT' });
          return bytes;
        },
      };
    },
  };
}

/** All regular files of an archive. Throws `input.tar`, `input.gzip`, `limit.data`. */
async function readTar(file: string, context: ReadContext): Promise<Map<string, Uint8Array>> {
  const { size } = await stat(file);
  const zipped = await isGzip(file);
  let failure: unknown;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      checkSignal(context.signal);
      done += chunk.length;
      context.onProgress({ phase: 'read', done, total: size });
      yield chunk;
    }
  }
  const source = Readable.from(chunks(), { objectMode: false });
  const plain: Readable = zipped ? pipe(source, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : source;
  plain.on('error', (error: unknown) => {
    failure ??= error;
  });
  let bytes = 0;
  try {
    checkSignal(context.signal);
    const entries = await unpackTar(Readable.toWeb(plain) as ReadableStream<Uint8Array>, {
      strict: true,
      filter: (header) => {
        if (header.type !== 'file' || hidden(clean(header.name))) return false;
        bytes += header.size;
        if (bytes > context.maxBytes) {
          failure = tooLarge(file, bytes, context.maxBytes);
          throw failure;
        }
        return true;
      },
    });
    return new Map(entries.map(({ header, data }) => [clean(header.name), data ?? new Uint8Array()]));
  } catch (error) {
    checkSignal(context.signal);
    if (failure instanceof PithError) throw failure;
    if (zipped && failure) throw gzipError(file, failure);
    throw new PithError(
      'input.tar',
      {
        at: { file },
        expected: 'a whole tar archive',
        got: error instanceof Error ? error.message : String(error),
        fix: 'fetch the archive again',
      },
      { cause: error },
    );
  } finally {
    plain.destroy();
    source.destroy();
  }
}

/** './a//b/' as 'a/b'. */
const clean = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const head = new Uint8Array(2);
    await handle.read(head, 0, 2, 0);
    return head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

const gzipError = (file: string, error: unknown): PithError =>
  new PithError(
    'input.gzip',
    {
      at: { file },
      expected: 'a whole gzip file',
      got: error instanceof Error ? error.message : String(error),
      fix: 'the download was cut short or damaged: fetch the file again',
    },
    { cause: error },
  );

/** The bytes of a file, unzipped where they start as gzip does. Throws `input.gzip`, `limit.data`. */
export async function readUnzipped(tree: Tree, path: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await tree.read(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: Math.min(maxBytes, 0x7fff_ffff), chunkSize: 1 << 18 });
  } catch (error) {
    const long = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw long ? tooLarge(fileOf(tree, path), maxBytes + 1, maxBytes) : gzipError(fileOf(tree, path), error);
  }
}

/** The full name of a file of the tree, for messages. */
export const fileOf = (tree: Tree, path: string): string => `${tree.name}/${path}`;

/** The tree below a folder, where all files lie in that one folder; otherwise undefined. Archives often wrap their files so. */
export function unwrap(tree: Tree): Tree | undefined {
  const first = tree.paths[0];
  const cut = first === undefined ? -1 : first.indexOf('/');
  if (first === undefined || cut < 0) return undefined;
  const prefix = first.slice(0, cut + 1);
  if (!tree.paths.every((path) => path.startsWith(prefix))) return undefined;
  return {
    name: join(tree.name, basename(prefix)),
    paths: tree.paths.map((path) => path.slice(prefix.length)),
    read: (path) => tree.read(prefix + path),
  };
}
