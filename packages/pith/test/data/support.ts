/** Small data sets written to a folder of their own, byte by byte, and the check for typed errors. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, expect } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import type { Split } from '../../src/data/dataset.js';

export type Files = Readonly<Record<string, Uint8Array | string>>;

/** Makes folders that are gone when the suite ends. */
export function folders(): (files: Files) => Promise<string> {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return async (files) => {
    const folder = await mkdtemp(join(tmpdir(), 'pith-data-'));
    made.push(folder);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return folder;
  };
}

export const bytesFrom = (length: number, start = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (start + i * 7) % 256);

export function idxBytes(dims: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  head.setUint32(0, (type << 8) | dims.length);
  dims.forEach((d, i) => {
    head.setUint32(4 + 4 * i, d);
  });
  return Buffer.concat([new Uint8Array(head.buffer), data]);
}

/** Four training and two test digits of 3×2 pixels. */
export const idxFiles = (): Record<string, Uint8Array> => ({
  'train-images-idx3-ubyte': idxBytes([4, 3, 2], bytesFrom(24)),
  'train-labels-idx1-ubyte': idxBytes([4], Uint8Array.of(0, 2, 1, 0)),
  't10k-images-idx3-ubyte': idxBytes([2, 3, 2], bytesFrom(12, 5)),
  't10k-labels-idx1-ubyte': idxBytes([2], Uint8Array.of(1, 2)),
});

export const zipped = (files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

export function npyBytes(kind: string, dims: readonly number[], data: Uint8Array, fortran = false): Uint8Array {
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const said = `{'descr': '${kind}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
  const header = `${said.padEnd(64 * Math.ceil((said.length + 11) / 64) - 11)}\n`;
  const start = Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, header.length & 255, header.length >> 8);
  return Buffer.concat([start, new TextEncoder().encode(header), data]);
}

export const raw = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A PNG of one colour channel or three, from interleaved bytes. */
export const png = (data: Uint8Array, width: number, height: number, channels: 1 | 3): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

/** Two classes, three training images and two test images of 4×2 in colour. */
export async function pictureFiles(): Promise<Record<string, Uint8Array>> {
  const picture = (start: number) => png(bytesFrom(24, start), 4, 2, 3);
  return {
    'train/dog/1.png': await picture(1),
    'train/cat/1.png': await picture(2),
    'train/cat/2.png': await picture(3),
    'test/cat/1.png': await picture(4),
    'test/dog/1.png': await picture(5),
  };
}

/** Interleaved bytes as planes. */
export const planes = (data: Uint8Array, channels: number): number[] =>
  Array.from({ length: channels }, (_, c) => [...data].filter((_v, i) => i % channels === c)).flat();

/** A split of `count` images in memory, each pixel telling its image. */
export const splitOf = (count: number, [channels, height, width]: readonly [number, number, number] = [1, 5, 4]): Split => ({
  images: Uint8Array.from(
    { length: count * channels * height * width },
    (_, i) => (Math.floor(i / (channels * height * width)) * 31 + i) % 256,
  ),
  labels: Uint16Array.from({ length: count }, (_, i) => i % 10),
  count,
  channels,
  height,
  width,
});

/** The typed error that `work` ends with; fails where it ends well or otherwise. */
export async function errorOf(work: () => unknown): Promise<PithError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(PithError);
    return error as PithError;
  }
  throw new Error('expected a PithError, but nothing was thrown');
}
