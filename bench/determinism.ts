/**
 * The same input and options, the same bytes: a small network squeezed at several efforts by other versions of Node. That Chromium gives
 * them too is held by test/browser/squeeze.test.ts.
 *
 *   npm run build && node bench/run.mjs determinism [--nodes 20,22,24] [--name NAME]
 *
 * The other versions come from npm's package `node`. Writes bench/results/NAME.json and NAME.md; ends with an error where bytes differ.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Squeezed, squeezedAt } from '../test/support/squeeze-case.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20,22,24' },
    name: { type: 'string', default: 'determinism' },
    here: { type: 'boolean', default: false },
  },
});
const efforts = [0, 2, 5, 9];
const seed = 7;

interface Hashes {
  readonly node: string;
  readonly byEffort: readonly (Squeezed & { readonly effort: number })[];
}

async function here(): Promise<Hashes> {
  const byEffort = [];
  for (const effort of efforts) byEffort.push({ effort, ...(await squeezedAt(effort, seed)) });
  return { node: process.version, byEffort };
}

async function by(version: string): Promise<Hashes> {
  const words = ['-y', '-p', `node@${version}`, 'node', fileURLToPath(import.meta.url), '--here'];
  return JSON.parse((await promisify(execFile)('npx', words)).stdout) as Hashes;
}

async function main(): Promise<void> {
  if (values.here) {
    process.stdout.write(JSON.stringify(await here()));
    return;
  }
  const rows: Hashes[] = [];
  for (const version of values.nodes.split(',')) rows.push(await by(version));
  const first = JSON.stringify(rows[0]!.byEffort);
  const same = rows.every(({ byEffort }) => JSON.stringify(byEffort) === first);
  const table = markdown(
    ['Node', ...efforts.map((effort) => `SHA-256 of the file, effort ${effort}`)],
    rows.map(({ node, byEffort }) => [node, ...byEffort.map(({ file }) => file)]),
  );
  await writeResults(values.name, { machine: machine(), seed, same, rows }, table);
  if (!same) throw new Error('the files differ');
}

await main();
