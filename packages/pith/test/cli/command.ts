/** The command `pith` in a process of its own, built, as users run it; and a folder with data and models for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../../dist/cli/main.js';
import { saveModel } from '../../src/onnx/file.js';
import { smallNetwork, writeIdx } from '../library/support.js';

const program = fileURLToPath(new URL('../../bin/pith.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** No file may become larger than so many blocks of 512 bytes: as if the disk were full there. */
  readonly room?: number;
  /** What is piped in; nothing unless said. */
  readonly stdin?: Uint8Array;
  /** Called with the process once it runs. */
  readonly meanwhile?: (child: ChildProcess) => Promise<void> | void;
}

/** Runs `pith` with these words; no terminal anywhere. */
export function pith(words: readonly string[], { cwd, env = {}, room, stdin, meanwhile }: CallOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { npm_command: _, ...own } = process.env;
    const direct = [process.execPath, program, ...words];
    const [command, ...args] = room === undefined ? direct : ['sh', '-c', `ulimit -f ${room}; exec "$0" "$@"`, ...direct];
    const child = spawn(command!, args, { cwd, env: { ...own, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined).end(stdin); // a program that does not read it may be gone by then
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    Promise.resolve(meanwhile?.(child)).catch(reject);
  });
}

/** The same without a process of its own, which is quicker where many lines are tried. One at a time. */
export async function pithHere(words: readonly string[], { cwd }: Pick<CallOptions, 'cwd'>): Promise<Ended> {
  const said = { out: '', err: '' };
  const into = (to: keyof typeof said) => (chunk: unknown, done?: unknown) => {
    said[to] += String(chunk);
    if (typeof done === 'function') done();
    return true;
  };
  const home = process.cwd();
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err')),
  ];
  try {
    process.chdir(cwd);
    return { code: await main(words), ...said };
  } finally {
    process.chdir(home);
    process.stderr.removeAllListeners('error'); // a process of its own ends with its listeners
    for (const spy of spies) spy.mockRestore();
  }
}

/** The words of a printed line, read as a shell reads them. */
export const wordsOf = (line: string): string[] => [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, inside]) => inside ?? word);

/** A folder for a file of tests, with `digits/` and `tiny.onnx`, and what `fill` puts there. */
export function workFolder(fill: (folder: string) => Promise<void> = async () => undefined): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pith-cli-'));
    await mkdir(join(folder, 'digits'));
    await writeIdx(join(folder, 'digits'));
    await saveModel(join(folder, 'tiny.onnx'), smallNetwork());
    await fill(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** A recipe that takes a second or two on `digits/`, most of it training. */
export const shortRecipe = JSON.stringify({
  version: 1,
  name: 'short',
  steps: [
    { use: 'prune', threshold: { scope: 'global', density: 0.3 } },
    { use: 'train', epochs: 60, batch: 10, rate: 0.01, augment: 'usual' },
    { use: 'share', bits: 3, initialisation: 'linear' },
    { use: 'train', epochs: 20, batch: 10, rate: 0.001, optimizer: 'adam' },
  ],
});
