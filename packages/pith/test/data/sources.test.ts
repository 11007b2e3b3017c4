import { readdir, readFile, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { sources } from '../../src/data/list.js';
import { openDataset } from '../../src/data/open.js';
import { bytesFrom, errorOf, folders, idxBytes, idxFiles, npyBytes, pictureFiles, planes, png, raw, zipped } from './support.js';

const folder = folders();
const open = (path: string, more = {}) => openDataset(path, { cache: false, ...more });

const tarOf = (files: Record<string, Uint8Array>) =>
  packTar(Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body })));

const without = (files: Record<string, Uint8Array>, ...names: string[]) =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));

const cifarRecord = (label: number, start: number) => Buffer.concat([Uint8Array.of(label), bytesFrom(3072, start)]);
const cifarFiles = (): Record<string, Uint8Array> => ({
  'data_batch_1.bin': Buffer.concat([cifarRecord(0, 1), cifarRecord(1, 2)]),
  'data_batch_10.bin': cifarRecord(2, 4),
  'data_batch_2.bin': cifarRecord(1, 3),
  'test_batch.bin': cifarRecord(2, 9),
  'batches.meta.txt': new TextEncoder().encode('airplane\nautomobile\nbird\n\n'),
});
const npyFiles = (): Record<string, Uint8Array> => ({
  'train-images.npy': npyBytes('|u1', [2, 3, 2], bytesFrom(12)),
  'train-labels.npy': npyBytes('<i8', [2], raw(BigInt64Array.of(1n, 0n))),
  'test-images.npy': npyBytes('|u1', [1, 3, 2], bytesFrom(6)),
  'test-labels.npy': npyBytes('<i4', [1], raw(Int32Array.of(1))),
});

test('the list of sources is not empty and its names differ', () => {
  expect(sources.length).toBeGreaterThan(3);
  expect(new Set(sources.map((source) => source.name)).size).toBe(sources.length);
});

describe('IDX', () => {
  for (const [how, files] of [
    ['plain', idxFiles()],
    ['gzipped', zipped(idxFiles())],
  ] as const)
    test(`is read ${how}, with numbered classes`, async () => {
      const data = await open(await folder(files));
      expect(data).toMatchObject({ name: 'idx', classes: ['0', '1', '2'] });
      expect(data.train).toMatchObject({ count: 4, channels: 1, height: 3, width: 2 });
      expect([...data.train.images]).toEqual([...bytesFrom(24)]);
      expect([...data.test.images]).toEqual([...bytesFrom(12, 5)]);
      expect([[...data.train.labels], [...data.test.labels]]).toEqual([
        [0, 2, 1, 0],
        [1, 2],
      ]);
    });

  test('is found inside one wrapping folder and inside a tar archive', async () => {
    const wrapped = Object.fromEntries(Object.entries(idxFiles()).map(([name, bytes]) => [`mnist/${name}`, bytes]));
    expect((await open(await folder(wrapped))).train.count).toBe(4);
    expect((await open(await folder({ 'digits.tar': await tarOf(wrapped) }))).train.count).toBe(4);
  });

  test('is brought to another size on request', async () => {
    const data = await open(await folder(idxFiles()), { size: [6, 4] });
    expect(data.test).toMatchObject({ height: 6, width: 4 });
    expect(data.test.images.length).toBe(2 * 24);
  });
});

describe('CIFAR', () => {
  test('binary files are read in the order of their numbers', async () => {
    const data = await open(await folder(cifarFiles()));
    expect(data).toMatchObject({ name: 'cifar-10', classes: ['airplane', 'automobile', 'bird'] });
    expect([...data.train.labels]).toEqual([0, 1, 1, 2]);
    expect([...data.train.images.subarray(2 * 3072, 3 * 3072)]).toEqual([...bytesFrom(3072, 3)]);
  });

  test('CIFAR-100 takes the fine label', async () => {
    const record = Buffer.concat([Uint8Array.of(9, 1), bytesFrom(3072)]);
    const data = await open(
      await folder({ 'train.bin': record, 'test.bin': record, 'fine_label_names.txt': 'apple\nbear', 'coarse_label_names.txt': 'x' }),
    );
    expect([data.name, ...data.train.labels, ...data.classes]).toEqual(['cifar-100', 1, 'apple', 'bear']);
  });
});

describe('npy', () => {
  test('pairs of arrays are read', async () => {
    const data = await open(await folder(npyFiles()));
    expect(data).toMatchObject({ name: 'npy', classes: ['0', '1'] });
    expect([...data.train.images]).toEqual([...bytesFrom(12)]);
    expect([...data.train.labels, ...data.test.labels]).toEqual([1, 0, 1]);
  });

  for (const [dims, layout] of [
    [[1, 5, 2, 3], undefined],
    [[1, 3, 5, 2], undefined],
    [[1, 3, 5, 3], 'hwc'],
  ] as const)
    test(`floats of shape [${dims}]${layout ? ` said to be ${layout}` : ''} become planes`, async () => {
      const size = dims[1] * dims[2] * dims[3];
      const values = Float32Array.from({ length: size }, (_, i) => i / 2);
      const images = npyBytes('<f4', dims, raw(values));
      const data = await open(
        await folder({
          ...npyFiles(),
          'train-images.npy': images,
          'test-images.npy': images,
          'train-labels.npy': npyFiles()['test-labels.npy']!,
        }),
        {
          classes: ['a', 'b'],
          ...(layout && { layout }),
        },
      );
      const last = layout === 'hwc' || dims[1] !== 3;
      expect(data.train.channels).toBe(3);
      expect([...data.train.images]).toEqual(last ? planes(Uint8Array.from(values.keys()), 3).map((i) => i / 2) : [...values]);
    });
});

describe('image folders', () => {
  const expected = async (path: string, more = {}) => {
    const data = await open(path, more);
    expect(data).toMatchObject({ name: 'image-folder', classes: ['cat', 'dog'] });
    expect(data.train).toMatchObject({ count: 3, channels: 3, height: 2, width: 4 });
    expect([...data.train.labels, ...data.test.labels]).toEqual([0, 0, 1, 0, 1]);
    expect([...data.train.images]).toEqual([2, 3, 1].flatMap((start) => planes(bytesFrom(24, start), 3)));
    expect([...data.test.images]).toEqual([4, 5].flatMap((start) => planes(bytesFrom(24, start), 3)));
  };

  test('are read with classes in alphabetical order', async () => expected(await folder(await pictureFiles())));

  test('pass over hidden and other files', async () =>
    expected(
      await folder({ ...(await pictureFiles()), 'train/cat/.DS_Store': 'x', 'train/cat/._1.png': 'x', 'train/cat/notes.txt': 'x' }),
    ));

  for (const [how, pack] of [
    ['tar', (bytes: Uint8Array) => bytes],
    ['tar.gz', (bytes: Uint8Array) => gzipSync(bytes)],
    ['tgz', (bytes: Uint8Array) => gzipSync(bytes)],
  ] as const)
    test(`are read from a .${how}, given itself or alone in its folder`, async () => {
      const at = await folder({ [`pictures.${how}`]: pack(await tarOf(await pictureFiles())) });
      await expected(at);
      await expected(join(at, `pictures.${how}`));
    });

  test('may be links', async () => {
    const real = await folder(await pictureFiles());
    const at = await folder({});
    await symlink(join(real, 'train'), join(at, 'train'));
    await symlink(join(real, 'test'), join(at, 'test'));
    await expected(at);
  });

  test('with gray images among colours make colour of gray, and gray alone stays gray', async () => {
    const gray = await png(bytesFrom(8, 9), 4, 2, 1);
    const mixed = await open(await folder({ ...(await pictureFiles()), 'train/dog/1.png': gray }));
    expect([...mixed.train.images.subarray(48)]).toEqual([1, 2, 3].flatMap(() => [...bytesFrom(8, 9)]));
    const alone = await open(await folder({ 'train/a/1.png': gray, 'test/a/1.png': gray }));
    expect(alone.train.channels).toBe(1);
    expect([...alone.train.images]).toEqual([...bytesFrom(8, 9)]);
  });

  test('read as gray on request take the luma of ITU-R 601', async () => {
    const data = await open(await folder(await pictureFiles()), { channels: 1 });
    const [r, g, b] = bytesFrom(3, 2) as unknown as [number, number, number];
    expect([data.train.channels, data.train.images[0]]).toEqual([1, Math.round(0.299 * r + 0.587 * g + 0.114 * b)]);
  });

  test('decode JPEG as libjpeg-turbo does: the values that Pillow 12 gives for this picture', async () => {
    const jpeg = Buffer.from(JPEG, 'base64');
    const data = await open(await folder({ 'train/a/1.jpg': jpeg, 'test/a/1.jpg': jpeg }));
    expect([...data.train.images]).toEqual(PILLOW);
  });

  test('resize images that differ, on request', async () => {
    const files = { ...(await pictureFiles()), 'train/dog/1.png': await png(bytesFrom(75).fill(77), 5, 5, 3) };
    const data = await open(await folder(files), { size: [2, 4] });
    expect([...data.train.images.subarray(48)]).toEqual(Array.from({ length: 24 }, () => 77));
  });
});

describe('the cache', () => {
  test('gives the same data without decoding again, and notices a change', async () => {
    const at = await folder(await pictureFiles());
    const cache = await folder({});
    const decoded: number[] = [];
    const read = async () => {
      decoded.push(0);
      return openDataset(at, {
        cache,
        onProgress: ({ phase, done }) => {
          if (phase === 'decode') decoded[decoded.length - 1] = done;
        },
      });
    };
    const first = await read();
    expect(await read()).toEqual(first);
    await utimes(join(at, 'train/cat/1.png'), 1, 1);
    expect(await read()).toEqual(first);
    expect(decoded).toEqual([5, 0, 5]);
  });

  test('that was damaged is not believed', async () => {
    const at = await folder(await pictureFiles());
    const cache = await folder({});
    const first = await openDataset(at, { cache });
    const file = join(cache, (await readdir(cache))[0]!);
    const whole = await readFile(file);
    for (let byte = 0; byte < whole.length; byte += 17) {
      const flipped = Uint8Array.from(whole);
      flipped[byte]! ^= 1;
      await writeFile(file, flipped);
      expect(await openDataset(at, { cache })).toEqual(first);
    }
    for (const length of [0, 8, 15, 16, 40, whole.length - 1]) {
      await writeFile(file, whole);
      await truncate(file, length);
      expect(await openDataset(at, { cache })).toEqual(first);
    }
  });

  test('that cannot be written does not stop anything', async () => {
    const at = await folder(await pictureFiles());
    const cache = join(at, 'train/cat/1.png/none');
    expect((await openDataset(at, { cache })).train.count).toBe(3);
  });

  test('keeps sizes apart', async () => {
    const at = await folder(await pictureFiles());
    const cache = await folder({});
    await openDataset(at, { cache });
    expect((await openDataset(at, { cache, size: 3 })).train).toMatchObject({ height: 3, width: 3 });
  });
});

describe('bad data', () => {
  const idx = idxFiles();
  const gz = zipped(idx);
  const cifar = cifarFiles();
  const npy = npyFiles();
  const rows: readonly (readonly [string, string, () => Promise<Record<string, Uint8Array | string>>, object?])[] = [
    ['an empty folder', 'input.data-empty', async () => ({})],
    ['a folder of other files', 'input.data-unknown', async () => ({ 'a.txt': 'x', 'b.txt': 'y' })],
    ['IDX without test labels', 'input.file-missing', async () => without(idx, 't10k-labels-idx1-ubyte')],
    ['more images than labels', 'input.data-count', async () => ({ ...idx, 'train-labels-idx1-ubyte': idxBytes([3], bytesFrom(3)) })],
    [
      'a test label outside the classes',
      'input.label',
      async () => ({ ...idx, 't10k-labels-idx1-ubyte': idxBytes([2], Uint8Array.of(0, 3)) }),
    ],
    ['a training label outside named classes', 'input.label', async () => idx, { classes: ['a', 'b'] }],
    [
      'gzip cut short',
      'input.gzip',
      async () => ({ ...gz, 'train-images-idx3-ubyte.gz': gz['train-images-idx3-ubyte.gz']!.subarray(0, 30) }),
    ],
    ['gzip that grows beyond the limit', 'limit.data', async () => gz, { maxBytes: 30 }],
    ['a wrong IDX magic', 'input.idx', async () => ({ ...idx, 'train-images-idx3-ubyte': idxBytes([4, 3, 2], bytesFrom(24), 9) })],
    ['labels where images should be', 'input.idx', async () => ({ ...idx, 'train-images-idx3-ubyte': idx['train-labels-idx1-ubyte']! })],
    ['an empty IDX file', 'input.idx', async () => ({ ...idx, 'train-images-idx3-ubyte': new Uint8Array() })],
    [
      'IDX cut inside its head',
      'input.idx',
      async () => ({ ...idx, 'train-images-idx3-ubyte': idx['train-images-idx3-ubyte']!.subarray(0, 9) }),
    ],
    [
      'IDX cut inside its pixels',
      'input.idx',
      async () => ({ ...idx, 'train-images-idx3-ubyte': idx['train-images-idx3-ubyte']!.subarray(0, 30) }),
    ],
    ['IDX with bytes to spare', 'input.idx', async () => ({ ...idx, 'train-labels-idx1-ubyte': idxBytes([3], bytesFrom(4)) })],
    [
      'IDX sizes that overflow',
      'limit.shape',
      async () => ({ ...idx, 'train-images-idx3-ubyte': idxBytes([2 ** 31, 2 ** 31, 2 ** 31], bytesFrom(24)) }),
    ],
    [
      'no image at all',
      'input.data-empty',
      async () => ({
        ...idx,
        'train-images-idx3-ubyte': idxBytes([0, 3, 2], bytesFrom(0)),
        'train-labels-idx1-ubyte': idxBytes([0], bytesFrom(0)),
      }),
    ],
    [
      'test digits of another size',
      'input.image-size',
      async () => ({ ...idx, 't10k-images-idx3-ubyte': idxBytes([2, 2, 3], bytesFrom(12)) }),
    ],
    ['a CIFAR record cut short', 'input.cifar', async () => ({ ...cifar, 'data_batch_2.bin': bytesFrom(3072) })],
    ['CIFAR without its names', 'input.file-missing', async () => without(cifar, 'batches.meta.txt')],
    ['a CIFAR label beyond the names', 'input.label', async () => ({ ...cifar, 'test_batch.bin': cifarRecord(3, 1) })],
    ['npy without its magic', 'input.npy', async () => ({ ...npy, 'test-images.npy': bytesFrom(100) })],
    [
      'npy in Fortran order',
      'unsupported.npy',
      async () => ({ ...npy, 'test-images.npy': npyBytes('|u1', [1, 3, 2], bytesFrom(6), true) }),
    ],
    ['npy of complex numbers', 'unsupported.npy', async () => ({ ...npy, 'test-images.npy': npyBytes('<c8', [1, 3, 2], bytesFrom(48)) })],
    ['npy cut short', 'input.npy', async () => ({ ...npy, 'test-images.npy': npyBytes('|u1', [1, 3, 2], bytesFrom(5)) })],
    [
      'npy sizes that overflow',
      'limit.shape',
      async () => ({ ...npy, 'test-images.npy': npyBytes('|u1', [2 ** 40, 2 ** 40, 2], bytesFrom(6)) }),
    ],
    ['npy of rank 2', 'input.npy', async () => ({ ...npy, 'test-images.npy': npyBytes('|u1', [1, 6], bytesFrom(6)) })],
    ['a negative npy label', 'input.label', async () => ({ ...npy, 'test-labels.npy': npyBytes('<i4', [1], raw(Int32Array.of(-1))) })],
    [
      'NaN among the pixels',
      'input.pixel',
      async () => ({ ...npy, 'test-images.npy': npyBytes('<f4', [1, 3, 2], raw(new Float32Array(6).fill(Number.NaN))) }),
    ],
    ['a class folder that only training has', 'input.classes', async () => without(await pictureFiles(), 'test/dog/1.png')],
    ['no test folder', 'input.classes', async () => without(await pictureFiles(), 'test/dog/1.png', 'test/cat/1.png')],
    [
      'an image of another size',
      'input.image-size',
      async () => ({ ...(await pictureFiles()), 'train/cat/2.png': await png(bytesFrom(24), 2, 4, 3) }),
    ],
    [
      'a colour image among gray ones',
      'input.image-channels',
      async () => ({ ...(await pictureFiles()), 'train/cat/1.png': await png(bytesFrom(8), 4, 2, 1) }),
    ],
    ['an image that is none', 'input.image', async () => ({ ...(await pictureFiles()), 'train/dog/1.png': 'nothing' })],
    ['an empty image', 'input.image', async () => ({ ...(await pictureFiles()), 'train/dog/1.png': '' })],
    ['more pixels than allowed', 'limit.data', async () => pictureFiles(), { maxBytes: 110 }],
    ['a tar cut short', 'input.tar', async () => ({ 'a.tar': (await tarOf(await pictureFiles())).subarray(0, 1000) })],
    ['a tar.gz cut short', 'input.gzip', async () => ({ 'a.tar.gz': gzipSync(await tarOf(await pictureFiles())).subarray(0, 400) })],
    ['a tar that is something else', 'input.tar', async () => ({ 'a.tar': bytesFrom(5000) })],
    ['a tar with more than is allowed', 'limit.data', async () => ({ 'a.tar': await tarOf(await pictureFiles()) }), { maxBytes: 100 }],
    ['an option that nobody knows', 'usage.option', async () => idx, { sise: 3 }],
    ['a size of 0', 'usage.option', async () => idx, { size: 0 }],
  ];
  for (const [what, code, files, options] of rows)
    test(`${what} ends with ${code}`, async () => {
      const at = await folder(await files());
      const error = await errorOf(() => open(at, options));
      expect(error.code).toBe(code);
      expect(`${error.detail.expected}${error.detail.got}`).not.toMatch(/undefined|NaN bytes/);
    });

  test('a path that leads nowhere, or to a file, is named', async () => {
    const at = await folder({ 'x.bin': 'x' });
    expect((await errorOf(() => open(join(at, 'none')))).code).toBe('input.file-missing');
    const error = await errorOf(() => open(join(at, 'x.bin')));
    expect([error.code, error.detail.at?.file]).toEqual(['input.data-unknown', join(at, 'x.bin')]);
  });

  test('a signal stops the reading', async () => {
    const at = await folder(await pictureFiles());
    expect((await errorOf(() => open(at, { signal: AbortSignal.abort() }))).code).toBe('interrupted.cancelled');
    const control = new AbortController();
    const tar = await folder({ 'a.tar': await tarOf(await pictureFiles()) });
    const stop = () => control.abort();
    expect((await errorOf(() => open(tar, { signal: control.signal, onProgress: stop }))).code).toBe('interrupted.cancelled');
  });

  test('every cut of a JPEG gives the image or the typed error', async () => {
    const jpeg = await sharp(bytesFrom(192), { raw: { width: 8, height: 8, channels: 3 } })
      .jpeg()
      .toBuffer();
    const at = await folder({ 'train/a/1.jpg': jpeg, 'test/a/1.jpg': jpeg });
    let refused = 0;
    for (let length = 0; length < jpeg.length; length += 13) {
      await writeFile(join(at, 'test/a/1.jpg'), jpeg.subarray(0, length));
      refused += (await open(at).then(
        () => 0,
        (error: { code: string }) => (error.code === 'input.image' ? 1 : Number.NaN),
      )) as number;
    }
    expect(refused).toBeGreaterThan(10);
  });
});
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAGAAYDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwBthoMPl/w0UUV5+LxuI9tL32bYDEVfq8feP//Z';
const PILLOW = [
  8, 25, 61, 98, 137, 157, 20, 38, 73, 111, 149, 169, 26, 43, 78, 117, 155, 175, 24, 43, 77, 115, 154, 175, 26, 43, 78, 116, 155, 175, 36,
  53, 88, 125, 165, 185, 3, 6, 9, 14, 13, 15, 34, 37, 41, 44, 45, 45, 77, 80, 84, 88, 87, 89, 114, 118, 122, 125, 125, 125, 153, 156, 160,
  163, 163, 165, 182, 185, 188, 193, 192, 194, 227, 220, 206, 190, 171, 161, 221, 216, 202, 185, 166, 155, 194, 187, 172, 155, 136, 126,
  166, 158, 145, 127, 107, 98, 146, 138, 124, 109, 88, 78, 145, 138, 124, 108, 89, 79,
];
