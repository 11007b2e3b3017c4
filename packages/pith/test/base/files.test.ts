import { lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { type Disk, writeAtomic } from '../../src/base/files.js';

const bytes = (...list: number[]) => Uint8Array.from(list);
const codeOf = (error: unknown) => (error instanceof PithError ? error.code : error);
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pith-files-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A disk whose n-th call (opens, writes, flushes, renames counted together) fails with `code`. */
function failingDisk(n: number, code: string): Disk & { calls(): number } {
  let calls = 0;
  const step = async <T>(call: () => Promise<T>): Promise<T> => {
    if (++calls === n) throw Object.assign(new Error(`${code}: made to fail`), { code });
    return call();
  };
  return {
    calls: () => calls,
    lstat,
    rm,
    rename: (from, to) => step(() => rename(from, to)),
    open: async (path, flags, mode) => {
      const handle = await step(() => open(path, flags, mode));
      return new Proxy(handle, {
        get(target, key) {
          const value = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          const bound = value.bind(target);
          return key === 'write' || key === 'sync' ? (...args: unknown[]) => step(() => bound(...args)) : bound;
        },
      });
    },
  };
}

describe('writeAtomic', () => {
  test('writes chunks of any iterable and leaves no other file', async () => {
    const folder = join(root, 'plain');
    await mkdir(folder);
    const target = join(folder, 'a.bin');
    await writeAtomic(target, bytes(9));
    await writeAtomic(target, [bytes(1, 2), bytes(), bytes(3)]);
    expect([...(await readFile(target))]).toEqual([1, 2, 3]);
    await writeAtomic(
      target,
      (async function* () {
        yield bytes(4);
        yield bytes(5);
      })(),
    );
    expect([...(await readFile(target))]).toEqual([4, 5]);
    expect(await readdir(folder)).toEqual(['a.bin']);
  });

  test('leaves the old file or the new one, whichever call fails, and no temporary file', async () => {
    const folder = join(root, 'faults');
    await mkdir(folder);
    const target = join(folder, 'a.bin');
    let failures = 0;
    for (let n = 1; ; n++) {
      await writeFile(target, 'old');
      const disk = failingDisk(n, 'ENOSPC');
      const outcome = await writeAtomic(target, [bytes(110), bytes(101, 119)], disk).then(() => 'new', codeOf);
      if (outcome !== 'new') {
        failures++;
        expect(outcome).toBe('output.full');
      }
      expect(await readFile(target, 'utf8')).toBe(outcome === 'new' ? 'new' : 'old');
      expect(await readdir(folder)).toEqual(['a.bin']);
      if (disk.calls() < n) break;
    }
    expect(failures).toBeGreaterThanOrEqual(5);
  });

  for (const [system, code] of [
    ['ENOSPC', 'output.full'],
    ['EACCES', 'output.denied'],
    ['EROFS', 'output.denied'],
    ['EIO', 'output.failed'],
  ])
    test(`says ${code} for ${system}`, async () => {
      await expect(writeAtomic(join(root, 'x'), bytes(1), failingDisk(1, system!))).rejects.toSatisfy((e) => codeOf(e) === code);
    });

  test('passes on what the chunks throw, and keeps the old file', async () => {
    const target = join(root, 'thrown');
    await writeFile(target, 'old');
    const broken = function* () {
      yield bytes(1);
      throw new PithError('numeric.nan', { expected: 'a number', got: 'NaN' });
    };
    await expect(writeAtomic(target, broken())).rejects.toSatisfy((e) => codeOf(e) === 'numeric.nan');
    expect(await readFile(target, 'utf8')).toBe('old');
  });

  test('refuses a folder, a link and a folder that is missing', async () => {
    await mkdir(join(root, 'dir'));
    await symlink(join(root, 'elsewhere'), join(root, 'link'));
    await expect(writeAtomic(join(root, 'dir'), bytes(1))).rejects.toSatisfy((e) => codeOf(e) === 'output.path');
    await expect(writeAtomic(join(root, 'link'), bytes(1))).rejects.toSatisfy((e) => codeOf(e) === 'output.path');
    await expect(writeAtomic(join(root, 'none', 'x'), bytes(1))).rejects.toSatisfy((e) => codeOf(e) === 'output.folder');
  });

  test('two writers at once leave one whole file', async () => {
    const folder = join(root, 'race');
    await mkdir(folder);
    const target = join(folder, 'a');
    await Promise.all([1, 2, 3].map((n) => writeAtomic(target, new Uint8Array(100_000).fill(n))));
    const written = await readFile(target);
    expect(written.length).toBe(100_000);
    expect(new Set(written).size).toBe(1);
    expect(await readdir(folder)).toEqual(['a']);
  });
});
