/** Downloads that are cut, changed, refused or never come: they go on with the missing bytes, or end with an error that says why. */
import { describe, expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import { type LoadOptions, load } from '../../src/model/load.js';
import { rejection } from '../help/expect-code.js';
import { type FileServer, type Served, serveFile } from '../help/file-server.js';
import { lenet5, lenet300, random } from '../help/models.js';

const file = writePith({ ...lenet5(), coder: 'huffman' }).bytes;
const other = writePith(lenet300()).bytes;

/** Loads from a server; gives the server's count beside the names of the inputs. */
async function from(served: (n: number) => Served, options: LoadOptions = {}): Promise<FileServer['seen'] & { readonly input: string }> {
  const server = await serveFile(served);
  try {
    const model = await load(`${server.address}/m.pith`, options);
    return { ...server.seen, input: String(model.inputs[0]!.dims) };
  } finally {
    await server.close();
  }
}

const failing = (served: (n: number) => Served, options?: LoadOptions) => rejection(() => from(served, options));
const isLenet5 = String(lenet5().model.graph.inputs[0]!.dims);
const cutAt =
  (offset: number): ((n: number) => Served) =>
  (n) => ({ file, tag: '"a"', ...(n === 0 && { cut: offset }) });

describe('a download that is cut', () => {
  test('at any of 100 places goes on from there and fetches nothing twice', async () => {
    const next = random(8);
    for (let round = 0; round < 100; round++) {
      const offset = Math.floor(next() * file.length);
      const seen = await from(cutAt(offset));
      expect(seen.input).toBe(isLenet5);
      // at most a piece of what was sent may be lost on the way
      expect(seen.bytes).toBeLessThanOrEqual(file.length + (1 << 16));
      expect(seen.ranges).toHaveLength(2);
      expect(Number(/^bytes=(\d+)-$/.exec(seen.ranges[1]!)?.[1] ?? 0)).toBeLessThanOrEqual(offset);
    }
  }, 120_000);

  test('again and again goes on as long as something comes', async () => {
    const seen = await from((n) => ({ file, modified: 'Tue, 03 Nov 2026 10:00:00 GMT', ...(n < 8 && { cut: 3000 }) }), { retries: 1 });
    expect(seen.ranges.slice(1)).toEqual(Array.from({ length: 8 }, (_, i) => `bytes=${3000 * (i + 1)}-`));
    expect(seen.bytes).toBe(file.length);
  });

  test('without a length, or with a wrong one, goes on too', async () => {
    expect((await from((n) => ({ file, tag: '"a"', length: null, ...(n === 0 && { cut: 5000 }) }))).bytes).toBe(file.length);
    expect((await from(() => ({ file, tag: '"a"', length: file.length + 9 }))).input).toBe(isLenet5);
  });

  test('is had whole from a server that knows no ranges', async () => {
    const seen = await from((n) => ({ file, tag: '"a"', ranges: false, ...(n === 0 && { cut: 5000 }) }));
    expect(seen.bytes).toBe(file.length + 5000);
  });

  test.each<[string, Partial<Served>]>([
    ['that names no version', {}],
    ['that names a weak one', { tag: 'W/"a"' }],
    ['whose body is compressed on the way', { tag: '"a"', headers: { 'content-encoding': 'identity' } }],
  ])('from a server %s begins anew', async (_, more) => {
    const seen = await from((n) => ({ file, ...more, ...(n === 0 && { cut: 5000 }) }));
    expect(seen).toMatchObject({ ranges: ['', ''], input: isLenet5 });
  });

  test('begins anew with a file that has changed meanwhile', async () => {
    const seen = await from((n) => (n === 0 ? { file: other, tag: '"a"', cut: 5000 } : { file, tag: '"b"' }));
    expect(seen).toMatchObject({ ranges: ['', 'bytes=5000-'], input: isLenet5 });
  });

  test('begins anew where the server says the same version of a file of another length', async () => {
    const seen = await from((n) => (n === 0 ? { file: other, tag: '"a"', cut: 5000 } : { file, tag: '"a"' }));
    expect(seen).toMatchObject({ ranges: ['', 'bytes=5000-', ''], input: isLenet5 });
  });

  test('and goes on with other bytes of the same length and version is found out', async () => {
    const changed = file.slice();
    for (let i = file.length >> 1; i < file.length; i++) changed[i]! ^= 1;
    const error = await failing((n) => (n === 0 ? { file, tag: '"a"', cut: 5000 } : { file: changed, tag: '"a"' }));
    expect(error.code).toBe('input.pith-checksum');
  });

  test('bears a server that is overloaded for a while, not one that stays so', async () => {
    expect((await from((n) => ({ file, tag: '"a"', ...(n === 0 && { cut: 5000 }), ...(n === 1 && { status: 503 }) }))).bytes).toBe(
      file.length + file.length,
    );
    const error = await failing((n) => ({ file, tag: '"a"', ...(n === 0 ? { cut: 5000 } : { status: 503 }) }), { retries: 2 });
    expect(error.code).toBe('input.fetch');
    expect(error.detail.got).toBe('an end after 5000 bytes, and 2 attempts to go on');
  });

  test('ends where attempts bring nothing, are forbidden, or the file is gone', async () => {
    const cut = { file, tag: '"a"', cut: 5000 };
    expect((await failing((n) => ({ ...cut, ...(n > 0 && { cut: 0 }) }), { retries: 2 })).code).toBe('input.fetch');
    expect((await failing(() => cut, { retries: 0 })).detail.got).toBe('an end after 5000 bytes');
    expect((await failing((n) => (n === 0 ? cut : { file, status: 404 }))).detail.got).toBe('status 404 Not Found');
  });

  test('waits no longer than the signal allows', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const start = performance.now();
    const error = await failing((n) => ({ file, tag: '"a"', cut: n === 0 ? 5000 : 0 }), { signal: controller.signal, retries: 9 });
    expect(error.code).toBe('interrupted.cancelled');
    // nine pauses would be half a minute
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('an answer', () => {
  test.each<[string, Served, string]>([
    ['that the file is not there', { file, status: 404 }, 'input.fetch'],
    ['that the server is broken', { file, status: 500 }, 'input.fetch'],
    [
      'with a page instead of the file',
      { file: new TextEncoder().encode('<!doctype html><p>'.padEnd(99)), type: 'text/html' },
      'input.pith-html',
    ],
    ['without a byte', { file: new Uint8Array(0) }, 'input.pith-empty'],
    ['that is too long for its length', { file, length: 5000 }, 'input.pith-truncated'],
    ['that ends too soon and says so', { file: file.subarray(0, 5000) }, 'input.pith-truncated'],
    ['with more than the file', { file: Uint8Array.from([...file, 1]) }, 'input.pith-trailing'],
  ])('%s is a typed error', async (_, served, code) => {
    expect((await failing(() => served)).code).toBe(code);
  });

  test('that never comes, or comes drop by drop, can be given up', async () => {
    for (const served of [
      { file, silent: true },
      { file, piece: 1, delay: 20 },
    ]) {
      const signal = AbortSignal.timeout(100);
      expect((await failing(() => served, { signal })).code).toBe('interrupted.cancelled');
    }
  });

  test('that has no end is given up at the limit', async () => {
    const error = await failing(() => ({ file: new Uint8Array(3 << 20).fill(0x89), length: null }), { limits: { maxDecodedBytes: 1000 } });
    expect(error.kind === 'limit' || error.code === 'input.pith-magic').toBe(true);
  });
});
