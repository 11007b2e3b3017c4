/** What every bench leaves behind: its numbers as JSON and as a table, with the machine they were measured on. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Processes that ran or waited when the bench began; much above 0, and times are not to be trusted. */
  readonly loadBefore: number;
  readonly node: string;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? '',
  cores: availableParallelism(),
  loadBefore: loadavg()[0]!,
  node: process.version,
});

/** A table of markdown. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

// From bench/dist/.
const pathOf = (name: string): string => fileURLToPath(new URL(`../results/${name}`, import.meta.url));

/** Writes bench/results/NAME.json and NAME.md, and prints the latter. */
export async function writeResults(name: string, results: object, table: string): Promise<void> {
  const path = pathOf(name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.json`, `${JSON.stringify({ version: 1, ...results }, undefined, 1)}\n`);
  await writeTable(name, table);
}

export async function writeTable(name: string, table: string): Promise<void> {
  await writeFile(`${pathOf(name)}.md`, table);
  process.stdout.write(`\n${table}`);
}

/** What lies in bench/results/NAME/, by name: parts that were measured one by one. */
export async function readResults<T>(name: string): Promise<T[]> {
  const files = (await readdir(pathOf(name))).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(pathOf(name), file), 'utf8')) as T));
}
