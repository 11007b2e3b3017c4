/**
 * What the coder alone is worth: .pith files of shared weights, such as `pith compress` writes, coded again by each coder. The weights stay
 * what they are, bit for bit; each file is read back and compared.
 *
 *   npm run build && node bench/run.mjs recode FILE.pith... [--name NAME]
 *
 * Writes bench/results/NAME.json and NAME.md.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { coderChoices, readPith, toModel, writePith } from '../packages/runtime/dist/index.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values, positionals } = parseArgs({ options: { name: { type: 'string', default: 'recode' } }, allowPositionals: true });
const coders = coderChoices.filter((choice) => choice !== 'smallest');

interface Row {
  readonly file: string;
  readonly bytes: Readonly<Record<string, number>>;
}

async function recode(path: string): Promise<Row> {
  const file = readPith(await readFile(path));
  const { model, tensors: stored, metadata } = file;
  const weights = toModel(file).graph.initializers;
  const bytes: Record<string, number> = {};
  for (const coder of coders) {
    const written = writePith({ model, stored, metadata, coder });
    if (!isDeepStrictEqual(toModel(readPith(written.bytes)).graph.initializers, weights))
      throw new Error(`${path}, ${coder}: weights changed`);
    bytes[coder] = written.bytes.length;
  }
  return { file: basename(path), bytes };
}

async function main(): Promise<void> {
  if (positionals.length === 0) throw new Error('name the .pith files');
  const at = machine();
  const rows: Row[] = [];
  for (const path of positionals) rows.push(await recode(path));
  const table = markdown(
    ['file', ...coders, 'mix over huffman'],
    rows.map(({ file, bytes }) => [file, ...coders.map((c) => `${bytes[c]} B`), `${(bytes['mix']! / bytes['huffman']!).toFixed(3)}×`]),
  );
  await writeResults(values.name, { machine: at, rows }, table);
}

await main();
