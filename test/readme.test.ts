/** The README's program is run as it stands: its TypeScript blocks one after the other, in a folder that sees both packages. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const run = promisify(execFile);
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function runBlocks(page: string): Promise<string> {
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map((block) => block[1]!);
  expect(blocks.length).toBeGreaterThan(0);
  const folder = await mkdtemp(join(tmpdir(), 'pith-readme-'));
  folders.push(folder);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  // The blocks are TypeScript without types, so that they are JavaScript too.
  await writeFile(join(folder, 'readme.mjs'), blocks.join('\n'));
  return (await run(process.execPath, [join(folder, 'readme.mjs')])).stdout;
}

test('the program of the README runs and prints what it says', async () => {
  const printed = await runBlocks(await readFile(join(root, 'README.md'), 'utf8'));
  expect(printed).toMatch(/^\d+ bytes, cosine [01]\.\d{4}\n\d+ bytes, error \d+\.\d\d %\n\d\n$/);
}, 180_000);

test('a page whose program is wrong fails', async () => {
  await expect(runBlocks("```ts\nimport { squash } from 'pith';\n```")).rejects.toThrow('squash');
});
