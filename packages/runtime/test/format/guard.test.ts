/**
 * FORMAT.md and the files that implement it do not drift apart unseen: their hashes stand in guard.json. Who changes one of them makes
 * sure that the other still says the same, and then renews the hashes with GOLDEN=write. Comments and layout of sources do not count.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const stored = new URL('guard.json', import.meta.url);
/** What stands in these folders decides about bytes of files; the others read, write and report them. */
const folders = ['src/codec', 'src/format'];

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const essence = (source: string): string => transformSync(source, { loader: 'ts', minify: true }).code;

function hashes(): Record<string, string> {
  const sources = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  const entries = sources.map((name) => [name, hash(essence(readFileSync(new URL(name, root), 'utf8')))] as const);
  const document = hash(readFileSync(new URL('FORMAT.md', root), 'utf8'));
  return Object.fromEntries([['FORMAT.md', document] as const, ...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('FORMAT.md and its implementation', () => {
  test('are those that were last compared with each other', () => {
    const now = hashes();
    if (process.env['GOLDEN'] === 'write') writeFileSync(stored, `${JSON.stringify(now, null, 2)}\n`);
    expect(now, 'compare FORMAT.md with the changed files, then renew the hashes by GOLDEN=write').toEqual(
      JSON.parse(readFileSync(stored, 'utf8')),
    );
  });

  test('are many files, and a change of what one does is seen where a change of its words is not', () => {
    expect(Object.keys(hashes()).length).toBeGreaterThan(40);
    expect(essence('/** Two. */\nexport const a = 1 + x; // one more')).toBe(essence('export const a = 1 + x;'));
    expect(essence('export const a = x + 1;')).not.toBe(essence('export const a = x + 2;'));
  });
});
