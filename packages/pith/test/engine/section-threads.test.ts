/** Sections of .pith files in worker threads: the same bytes with any number of them. From the built package: a worker is no TypeScript. */
import { type Model, readPith, readPithOn, type StoredTensor, writePith, writePithOn } from 'pith-runtime';
import { afterAll, describe, expect, test } from 'vitest';
import { sectionThreads } from '../../dist/engine/section-threads.js';

const threads = [1, 2, 3].map((count) => sectionThreads(count));
afterAll(async () => {
  for (const pool of threads) await pool.close();
});

/** Six tensors of 2 million levels: three sections. */
const size = 1 << 21;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const stored = new Map<string, StoredTensor>(
  names.map((name, n) => [
    name,
    {
      kind: 'uniform',
      dtype: 'float16',
      dims: [size],
      view: { rows: 1, columns: size, positions: 1, transposed: false },
      levels: Int32Array.from({ length: size }, (_, i) => (i % (97 + n) === 0 ? 1 : 0)),
      grid: 'scalar',
      step: -100,
      rowSteps: null,
      columnSteps: null,
    },
  ]),
);
const model: Model = {
  irVersion: 8,
  opsets: new Map([['', 17]]),
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map(),
  functions: [],
  graph: { name: 'g', nodes: [], inputs: [], outputs: [], initializers: new Map(), opaqueInitializers: new Map(), valueInfo: [] },
};

describe('sections in threads', () => {
  const { bytes, report } = writePith({ model, stored, coder: 'huffman' });

  test('there are several', () => {
    expect(report.sections.filter(({ kind }) => kind === 'tensors').length).toBe(3);
  });

  test('give the bytes and the file of a single thread', async () => {
    const whole = readPith(bytes);
    for (const pool of threads) {
      const written = await writePithOn(pool, { model, stored, coder: 'huffman' });
      expect(Buffer.compare(written.bytes, bytes)).toBe(0);
      expect(written.report).toEqual(report);
      const read = await readPithOn(pool, bytes);
      expect(read.report).toEqual(whole.report);
      const levels = ({ tensors }: typeof read, name: string): Int32Array => (tensors.get(name) as { levels: Int32Array }).levels;
      for (const name of names) expect(Buffer.compare(bufferOf(levels(read, name)), bufferOf(levels(whole, name)))).toBe(0);
    }
  });

  test('what was given is still there', () => {
    for (const one of stored.values()) expect((one as { levels: Int32Array }).levels.length).toBe(size);
  });

  test('a thread says what is wrong with its section, and goes on', async () => {
    const [pool] = threads;
    const job = {
      kind: 'decode' as const,
      bytes: Uint8Array.of(7, 1),
      start: 100,
      declared: [{ name: 'w', dtype: 'float32' as const, dims: [] }],
    };
    await expect(pool!.run(job)).rejects.toMatchObject({ code: 'input.pith-value', detail: { at: { section: 'tensors' } } });
    await expect(pool!.run({ ...job, bytes: Uint8Array.of(0, 1, 0, 0, 0, 0, 0) })).resolves.toHaveLength(1);
  });

  test('jobs that are not done when the threads are closed say so', async () => {
    const pool = sectionThreads(1);
    const jobs = [0, 1].map(() => pool.run({ kind: 'decode', bytes: Uint8Array.of(0, 1, 0, 0, 0, 0, 0), start: 0, declared: [] }));
    const outcomes = Promise.allSettled(jobs);
    await pool.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'interrupted.cancelled' } });
  });

  test('a number of threads that makes no sense is refused', () => {
    expect(() => sectionThreads(0)).toThrow(/1 … 64/);
  });
});

const bufferOf = (array: Int32Array): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
