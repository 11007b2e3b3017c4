/** pith-runtime as a user has it: packed, and installed from the tarball into a folder of its own. Needs the build, and no network. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const runtime = fileURLToPath(new URL('../../packages/runtime', import.meta.url));

export interface Installed {
  readonly folder: string;
  remove(): void;
}

export async function installRuntime(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'pith-installed-'));
  const npm = async (args: readonly string[], cwd: string): Promise<string> => (await promisify(execFile)('npm', args, { cwd })).stdout;
  const [packed] = JSON.parse(await npm(['pack', '--json', '--pack-destination', folder], runtime)) as { filename: string }[];
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  await npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, packed!.filename)], folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
