/** The worker exists only compiled: these tests run what `tsc -b` made, inline and in the worker, and compare. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Batch, batches } from '../../dist/data/batches.js';
import { type PrefetchOptions, prefetch } from '../../dist/data/prefetch.js';
import { splitOf } from './support.js';

const split = splitOf(100);
const kept = (batch: Batch) => ({ ...batch, images: [...batch.images], labels: [...batch.labels] });

async function ahead(options: PrefetchOptions) {
  const list: ReturnType<typeof kept>[] = [];
  for await (const batch of prefetch(options)) list.push(kept(batch));
  return list;
}

describe('prefetch', () => {
  const floats = { ...split, images: Float32Array.from(split.images) };
  const rows: readonly (readonly [string, PrefetchOptions])[] = [
    ['plain', { split, batch: 32 }],
    [
      'augmented, from the middle on, one slot',
      { split, batch: 7, seed: 3, augment: 'affine:rotate=9;noise', epoch: 1, step: 5, until: 3, slots: 1 },
    ],
    ['of floats, in order, last one dropped', { split: floats, batch: 9, shuffle: false, dropLast: true, slots: 3 }],
  ];
  for (const [what, options] of rows)
    test(`gives the batches of the inline stream: ${what}`, async () => {
      const { slots: _, ...inline } = options;
      const expected = Array.from(batches(inline), kept);
      expect(expected.length).toBeGreaterThan(3);
      expect(await ahead(options)).toEqual(expected);
      expect(await ahead({ ...options, seed: 77, shuffle: true })).not.toEqual(expected);
    });

  test('refuses bad options before it starts a thread', () => {
    expect(() => prefetch({ split, batch: 0 })).toThrowError(expect.objectContaining({ code: 'usage.batch' }));
    expect(() => prefetch({ split, batch: 1, slots: 0 })).toThrowError(expect.objectContaining({ code: 'usage.option' }));
    expect(() => prefetch({ split, batch: 1, signal: AbortSignal.abort() })).toThrowError(
      expect.objectContaining({ code: 'interrupted.cancelled' }),
    );
  });

  test('passes an error of the worker on', async () => {
    const stream = prefetch({ split, batch: 50, epoch: 0, step: 0.5 });
    await expect(stream.next()).rejects.toMatchObject({ name: 'PithError', code: 'usage.batch' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('stops at the signal, also while waiting, and ends then', async () => {
    const control = new AbortController();
    const stream = prefetch({ split, batch: 10, until: 1e6, signal: control.signal });
    await stream.next();
    control.abort();
    await expect(stream.next()).rejects.toMatchObject({ code: 'interrupted.cancelled' });
    expect((await stream.next()).done).toBe(true);
    const early = new AbortController();
    const waiting = prefetch({ split, batch: 10, signal: early.signal });
    const first = waiting.next();
    early.abort();
    await expect(first).rejects.toMatchObject({ code: 'interrupted.cancelled' });
  });

  test('answers calls that do not wait for each other in order', async () => {
    const stream = prefetch({ split, batch: 25 });
    const results = await Promise.all(Array.from({ length: 6 }, () => stream.next()));
    expect(results.map((r) => (r.done ? 'end' : (r.value as Batch).step))).toEqual([0, 1, 2, 3, 'end', 'end']);
  });

  test('closes when the loop is left, and twice without harm', async () => {
    const stream = prefetch({ split, batch: 10, until: 1e6 });
    for await (const batch of stream) if (batch.step === 3) break;
    expect((await stream.next()).done).toBe(true);
    await stream.close();
    await stream.close();
  });

  test('does not keep a process alive that forgot it', async () => {
    const at = (name: string) => JSON.stringify(new URL(`../../dist/data/${name}.js`, import.meta.url).href);
    const program = `
      const { prefetch } = await import(${at('prefetch')});
      const { syntheticDigits } = await import(${at('synthetic')});
      const stream = prefetch({ split: syntheticDigits({ train: 100, test: 10 }).train, batch: 10, until: 1e6 });
      await stream.next();
      console.log('left');`;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd, timeout: 20_000 });
    expect(stdout).toBe('left\n');
  });
});
