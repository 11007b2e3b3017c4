/** The command `pith` as a user types it, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bin = fileURLToPath(new URL('../../packages/pith/bin/pith.js', import.meta.url));
const run = promisify(execFile);

export interface Answer {
  readonly answer: Record<string, unknown>;
  readonly seconds: number;
}

/** A command of pith; what it says as JSON and the seconds that it took. */
export async function pith(...words: readonly string[]): Promise<Answer> {
  const began = performance.now();
  const { stdout } = await run(process.execPath, [bin, ...words, '--json', '--quiet'], { maxBuffer: 1 << 26 });
  return { answer: JSON.parse(stdout) as Record<string, unknown>, seconds: (performance.now() - began) / 1000 };
}
