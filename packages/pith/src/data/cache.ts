/**
 * Decoded images kept as raw planes, so that the second opening of a data set takes a second. One file per data set and options, named by
 * the hash of both; written whole or not at all; a damaged or foreign file counts as absent. Node only. Nothing here ever fails an opening.
 *
 * File: 8 bytes magic, u32 length of the head, u32 CRC-32 of all that follows it, head as JSON, then for train and test the labels (u16)
 * and the planes. Little-endian.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { writeAtomic } from '../base/files.js';
import { checkDataset, type Dataset, pixelsOf, type Split } from './dataset.js';
import { sharedBytes } from './tree.js';

const MAGIC = 'pithdat1';

const splitHead = z.strictObject({
  count: z.int().min(1),
  channels: z.int().min(1),
  height: z.int().min(1),
  width: z.int().min(1),
});
const head = z.strictObject({ name: z.string(), classes: z.array(z.string()), train: splitHead, test: splitHead });
type Head = z.infer<typeof head>;

/** $XDG_CACHE_HOME/pith, else a folder for this user alone below the temporary folder. */
export const defaultCacheFolder = (): string =>
  process.env['XDG_CACHE_HOME']
    ? join(process.env['XDG_CACHE_HOME'], 'pith')
    : join(tmpdir(), `pith-cache-${process.getuid?.() ?? 'user'}`);

/** The file for this data and these options. */
export const cacheFile = (folder: string, stamp: string, options: Readonly<Record<string, unknown>>): string =>
  join(
    folder,
    `${createHash('sha256')
      .update(JSON.stringify([MAGIC, stamp, options]))
      .digest('hex')
      .slice(0, 32)}.planes`,
  );

/** The data set that was kept, or undefined. A damaged file is removed. */
export async function readCache(file: string, maxBytes: number): Promise<Dataset | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size, uid } = await handle.stat();
    if (process.getuid && uid !== process.getuid()) return undefined;
    if (size < 16 || size > maxBytes + (1 << 26)) return undefined;
    const bytes = sharedBytes(size);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(size - at, 1 << 26), at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    const data = decodeCache(bytes);
    if (!data) await rm(file, { force: true });
    return data;
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

function decodeCache(bytes: Uint8Array): Dataset | undefined {
  const view = new DataView(bytes.buffer);
  const headLength = view.getUint32(8, true);
  if (String.fromCharCode(...bytes.subarray(0, 8)) !== MAGIC || headLength > bytes.length - 16) return undefined;
  if (crc32(bytes.subarray(16)) !== view.getUint32(12, true)) return undefined;
  const { train, test, ...names }: Head = head.parse(JSON.parse(new TextDecoder().decode(bytes.slice(16, 16 + headLength))));
  let at = 16 + headLength;
  const split = (shape: Head['train']): Split => {
    const labels = new Uint16Array(bytes.slice(at, at + 2 * shape.count).buffer);
    const images = bytes.subarray(at + 2 * shape.count, at + 2 * shape.count + shape.count * pixelsOf(shape));
    at += 2 * shape.count + shape.count * pixelsOf(shape);
    return { ...shape, labels, images };
  };
  const data = { ...names, train: split(train), test: split(test) };
  return at === bytes.length ? checkDataset(data, { train: 'cache', test: 'cache' }) : undefined;
}

/** Keeps a data set of bytes. Where that is impossible (no room, a folder of somebody else's) nothing is kept and nothing is thrown. */
export async function writeCache(folder: string, file: string, data: Dataset): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const owner = await lstat(folder);
    if (!owner.isDirectory() || (process.getuid && owner.uid !== process.getuid())) return;
    const parts: Uint8Array[] = [];
    const shape = ({ count, channels, height, width }: Split) => ({ count, channels, height, width });
    const said: Head = { name: data.name, classes: [...data.classes], train: shape(data.train), test: shape(data.test) };
    const headBytes = new TextEncoder().encode(JSON.stringify(said));
    parts.push(headBytes);
    for (const { labels, images } of [data.train, data.test]) {
      if (!(images instanceof Uint8Array)) return;
      parts.push(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength), images);
    }
    const start = new Uint8Array(16);
    start.set(new TextEncoder().encode(MAGIC));
    const view = new DataView(start.buffer);
    view.setUint32(8, headBytes.length, true);
    view.setUint32(
      12,
      parts.reduce((sum, part) => crc32(part, sum), 0),
      true,
    );
    await writeAtomic(file, [start, ...parts]);
  } catch {
    return;
  }
}
