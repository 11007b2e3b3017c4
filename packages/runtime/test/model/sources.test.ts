/** Whatever a file comes as, it is the same file or the same error; and it is the file that was meant. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPith } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { type LoadOptions, load } from '../../src/model/load.js';
import type { Progress } from '../../src/model/sink.js';
import type { Source } from '../../src/model/source.js';
import { toOnnx } from '../../src/onnx/to-onnx.js';
import { broken } from '../format/broken/list.js';
import { errorOf, rejection } from '../help/expect-code.js';
import { type FileServer, serveFile } from '../help/file-server.js';
import { lenet300 } from '../help/models.js';

const bytes = writePith(lenet300()).bytes;
const folder = mkdtempSync(join(tmpdir(), 'pith-sources-'));
let server: FileServer;
let served = bytes;

beforeAll(async () => {
  server = await serveFile(() => ({ file: served, tag: '"a"' }));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const inPieces = (file: Uint8Array, size: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < file.length; at += size) controller.enqueue(file.slice(at, at + size));
      controller.close();
    },
  });

/** All in the same memory, read one by one. */
function inOnePlace(file: Uint8Array, size: number): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(size);
  let at = 0;
  const source = {
    pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      const now = file.subarray(at, at + size);
      at += now.length;
      if (now.length === 0) return controller.close();
      piece.fill(255).set(now);
      controller.enqueue(piece.subarray(0, now.length));
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

function onDisk(file: Uint8Array): URL {
  const path = join(folder, 'a file.pith');
  writeFileSync(path, file);
  return pathToFileURL(path);
}

const forms: readonly (readonly [string, (file: Uint8Array) => Source])[] = [
  ['bytes', (file) => file],
  ['a view into a larger buffer', (file) => Uint8Array.from([1, 2, 3, ...file, 4]).subarray(3, file.length + 3)],
  ['a Buffer', (file) => Buffer.from(file)],
  ['an ArrayBuffer', (file) => file.slice().buffer],
  ['a Blob', (file) => new Blob([file.slice()])],
  ['a Response', (file) => new Response(file.slice())],
  ['a stream in pieces of 7 bytes', (file) => inPieces(file, 7)],
  ['a stream whose pieces come in the same memory', (file) => inOnePlace(file, 4096)],
  ['a data: address', (file) => `data:application/octet-stream;base64,${Buffer.from(file).toString('base64')}`],
  ['a file: URL', onDisk],
  ['a file: address', (file) => String(onDisk(file))],
  [
    'an address',
    (file) => {
      served = file;
      return `${server.address}/m.pith`;
    },
  ],
];

describe.each(forms)('%s', (_, form) => {
  test('is taken', async () => {
    const seen: Progress[] = [];
    const loaded = await load(form(bytes), { onProgress: (progress) => seen.push(progress) });
    expect(loaded.inputs).toEqual([{ name: 'image', dtype: 'float32', dims: ['N', 1, 28, 28] }]);
    expect(seen.findLast(({ phase }) => phase === 'read')?.done).toBe(bytes.length);
    expect(seen.slice(-2).map(({ phase }) => phase)).toEqual(['decode', 'plan']);
  });

  test('that breaks a rule of the format is refused as its bytes are, by load and by toOnnx', async () => {
    const small = broken.filter(({ file }) => file.length < 10_000);
    expect(small.length).toBeGreaterThan(60);
    for (const { file, code } of small) {
      const { detail } = errorOf(() => readPith(file));
      for (const take of [load, toOnnx]) expect(await rejection(() => take(form(file)))).toMatchObject({ code, detail });
    }
  });

  test('that is cut off anywhere is refused', async () => {
    for (const length of [0, 1, 3, 4, 5, 40, bytes.length >> 1, bytes.length - 1]) {
      const error = await rejection(() => load(form(bytes.subarray(0, length))));
      expect(error.code).toBe(length === 0 ? 'input.pith-empty' : 'input.pith-truncated');
    }
  });

  const hash = (file: Uint8Array): string => `sha256-${createHash('sha256').update(file).digest('base64')}`;

  test('is held to its hash', async () => {
    const other = hash(Uint8Array.of(1));
    for (const integrity of [hash(bytes), `${other} ${hash(bytes)}`, ` ${hash(bytes)}?ct=model `])
      expect((await load(form(bytes), { integrity })).inputs).toHaveLength(1);
    const error = await rejection(() => load(form(bytes), { integrity: other }));
    expect(error.code).toBe('input.integrity');
    expect(error.detail).toMatchObject({ expected: other, got: hash(bytes) });
  });

  test('is not looked at where the signal has stopped already', async () => {
    const error = await rejection(() => load(form(bytes), { signal: AbortSignal.abort('enough') }));
    expect([error.code, error.cause]).toEqual(['interrupted.cancelled', 'enough']);
  });
});

describe('a source', () => {
  const used = (): Response => {
    const response = new Response(bytes.slice());
    void response.arrayBuffer();
    return response;
  };
  const locked = (): ReadableStream<Uint8Array> => {
    const stream = inPieces(bytes, 100);
    stream.getReader();
    return stream;
  };
  const breaking = (): ReadableStream<Uint8Array> => {
    const pieces = [bytes.slice(0, 9)];
    return new ReadableStream({
      pull: (controller) => {
        const piece = pieces.pop();
        if (!piece) throw new Error('cut');
        controller.enqueue(piece);
      },
    });
  };
  const wordy = new ReadableStream({ start: (controller) => controller.enqueue('words') });

  test.each<[string, () => unknown, string]>([
    ['that is nothing', () => null, 'usage.source'],
    ['that is a number', () => 7, 'usage.source'],
    ['that is an object of somebody else', () => ({ path: 'm.pith' }), 'usage.source'],
    ['that somebody else reads', locked, 'usage.source'],
    ['that was read before', used, 'usage.source'],
    ['that brings text', () => wordy, 'usage.source'],
    ['that breaks off', breaking, 'input.fetch'],
    ['that nobody answers', () => 'http://127.0.0.1:1/m.pith', 'input.fetch'],
    ['that is a path', () => './model.pith', 'input.fetch'],
    ['that is no file on the disk', () => pathToFileURL(join(folder, 'absent.pith')), 'input.file'],
    ['that is a folder', () => pathToFileURL(folder), 'input.file'],
  ])('%s is a typed error', async (_, source, code) => {
    expect((await rejection(() => load(source() as Source))).code).toBe(code);
  });

  test('that never brings anything can be given up', async () => {
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined), cancel: () => new Promise(() => undefined) });
    expect((await rejection(() => load(silent, { signal: AbortSignal.timeout(50) }))).code).toBe('interrupted.cancelled');
  });

  test('is let go where the file is wrong', async () => {
    let reason: unknown = 'none';
    const wrong = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: (why) => {
        reason = why;
      },
    });
    expect((await rejection(() => load(wrong))).code).toBe('input.pith-magic');
    expect(reason).toBeUndefined();
  });

  test('passes on what a listener throws', async () => {
    const thrown = new Error('mine');
    const onProgress = (): never => {
      throw thrown;
    };
    await expect(load(new Blob([bytes.slice()]), { onProgress })).rejects.toBe(thrown);
  });
});

test.each<[string, object | null, string]>([
  ['a hash of another kind', { integrity: `sha384-${'A'.repeat(64)}` }, 'usage.integrity'],
  ['a hash in hexadecimal', { integrity: 'a'.repeat(64) }, 'usage.integrity'],
  ['no hash', { integrity: '' }, 'usage.integrity'],
  ['half a retry', { retries: 0.5 }, 'usage.option'],
  ['a hash that is no text', { integrity: 3 }, 'usage.integrity'],
  ['a signal that is none', { signal: 3 }, 'usage.option'],
  ['progress for nobody', { onProgress: 'log' }, 'usage.option'],
  ['limits that are none', { limits: 3 }, 'usage.option'],
  ['a limit in words', { limits: { maxNodes: '5' } }, 'usage.option'],
  ['a limit that nothing exceeds', { limits: { maxNodes: Number.NaN } }, 'usage.option'],
  ['no options', null, 'usage.option'],
  ['an option of another name', { sha256: 'x' }, 'usage.option'],
])('%s is wrong usage', async (_, options, code) => {
  for (const take of [load, toOnnx]) expect((await rejection(() => take(bytes, options as LoadOptions))).code).toBe(code);
});
