/**
 * Where Chromium is, for suites that run in a page: `describe.skipIf(!chromium)`, and `launch({ executablePath: chromium })`. Vitest
 * calls `setup` once before all suites (`globalSetup`): where there is none, one line says how to get it.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first program of these names in the folders of `path`. */
export function find(path: string, executable: (file: string) => boolean): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const chromium: string | undefined = find(process.env['PATH'] ?? '', executable);

export function setup(): void {
  if (!chromium) console.info('Chromium is not installed: suites that need it are skipped; get it by `apt-get install chromium`.');
}
