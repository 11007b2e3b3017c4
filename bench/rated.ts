/**
 * Networks trained against loss and bytes at once: a table of finished runs of `pith compress --recipe rated`, from their run folders.
 *
 *   npx pith train lenet-5 --data MNIST --augment --seed 7 -o m.onnx
 *   npx pith compress m.onnx --data MNIST --recipe rated --max-size 2200 --seed 7 -o m.pith
 *   npm run build && node bench/run.mjs rated m.pith.run...
 *
 * Writes bench/results/rated.json and rated.md, with means over the seeds of what was asked in the same words. Errors are on the test
 * images: by the weights as trained, and by the decoded file.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '../packages/pith/dist/report/report.js';
import { machine, markdown, writeResults } from './support/results.js';

const { positionals } = parseArgs({ allowPositionals: true });
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** What was asked, without what differs between seeds: the seed, and names of files and folders. */
const wordsOf = (command: string): string =>
  command
    .replace(/^pith compress \S+ /, '')
    .replace(/(--data|--seed|-o|--output|--run) \S+ ?|--json/g, '')
    .trim();

async function main(): Promise<void> {
  if (positionals.length === 0) throw new Error('name the run folders');
  const reports: Report[] = [];
  for (const folder of positionals) reports.push(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report);
  const rows = reports.map(({ network, seed, command, error, bytes, sections, seconds, fileHash, points }) => ({
    network,
    seed,
    command,
    error,
    bytes,
    ratio: bytes.original / bytes.file,
    kept: Math.round((points.at(-1)?.density ?? 1) * 1e4) / 1e4,
    sections,
    seconds: Math.round(seconds),
    fileHash,
  }));
  const table = markdown(
    ['network', 'seed', 'error before', 'after', 'decoded', 'bytes', 'rate', 'around the weights', 'seconds', 'SHA-256', 'command'],
    rows.map((r) => [
      r.network,
      String(r.seed),
      percent(r.error.reference),
      percent(r.error.compressed),
      percent(r.error.decoded),
      String(r.bytes.file),
      `${Math.round(r.ratio)}×`,
      String(r.sections.reduce((sum, s) => sum + (/^(header|metadata|graph|words|framing)$/.test(s.name) ? Math.round(s.bytes) : 0), 0)),
      String(r.seconds),
      r.fileHash.slice(0, 16),
      `\`${r.command}\``,
    ]),
  );
  const asked = rows.map(({ network, command }) => `${network} ${wordsOf(command)}`);
  const means = [...new Set(asked)]
    .map((what) => ({ what, group: rows.filter((_, i) => asked[i] === what) }))
    .map(({ what, group }) => ({
      what,
      seeds: group.map((r) => r.seed),
      bytes: mean(group.map((r) => r.bytes.file)),
      ratio: mean(group.map((r) => r.ratio)),
      before: mean(group.map((r) => r.error.reference)),
      decoded: mean(group.map((r) => r.error.decoded)),
      seconds: mean(group.map((r) => r.seconds)),
    }));
  const summary = markdown(
    ['network and what was asked', 'seeds', 'error before', 'decoded', 'bytes', 'rate', 'seconds'],
    means.map((m) => [
      m.what,
      m.seeds.join(', '),
      percent(m.before),
      percent(m.decoded),
      String(Math.round(m.bytes)),
      `${Math.round(m.ratio)}×`,
      String(Math.round(m.seconds)),
    ]),
  );
  await writeResults('rated', { machine: machine(), means, rows }, `Means over seeds:\n\n${summary}\n\nEach run:\n\n${table}`);
}

await main();
