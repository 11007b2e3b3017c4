/** What every bench leaves behind: its numbers as JSON and as a table, with the machine they were measured on. */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
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

/** Writes bench/results/NAME.json and NAME.md, and prints the latter. */
export async function writeResults(name: string, results: object, table: string): Promise<void> {
  // From bench/dist/.
  const path = fileURLToPath(new URL(`../results/${name}`, import.meta.url));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.json`, `${JSON.stringify({ version: 1, ...results }, undefined, 1)}\n`);
  await writeFile(`${path}.md`, table);
  process.stdout.write(`\n${table}`);
}
