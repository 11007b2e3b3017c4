/**
 * Weights with the statistics of Deep Compression's Tables 4 and 5, coded by each coder: what a layer takes beside what the paper says, and
 * how long AlexNet (61 million weights) and VGG-16 (138 million) take. Each file is read back and compared with what was written.
 *
 *   npm run build && node bench/run.mjs paper-tables [--only vgg-16] [--coder huffman] [--seed 1] [--name NAME]
 *
 * Each network and coder is measured in a process of its own, for the memory. Writes bench/results/NAME/NETWORK-CODER.json and .md, and
 * NAME.md, the tables of all that are there.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util';
import { type CoderChoice, coderChoices, readPith, writePith } from '../packages/runtime/dist/index.js';
import { generate } from './paper-tables/generate.js';
import { tables } from './paper-tables/layers.js';
import { type Coded, paperTables, type Time, totalsOf } from './paper-tables/table.js';
import { machine, readResults, writeResults, writeTable } from './support/results.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: tables.map((t) => t.name) },
    coder: { type: 'string', multiple: true, default: coderChoices.filter((choice) => choice !== 'raw' && choice !== 'smallest') },
    seed: { type: 'string', default: '1' },
    name: { type: 'string', default: 'paper-tables' },
    measure: { type: 'boolean', default: false },
  },
});

/** Of this process, which does nothing else: a busy machine stretches the time on the wall, hardly that of the processor. */
function timed<T>(body: () => T): { readonly value: T; readonly time: Time } {
  const began = performance.now();
  const before = process.cpuUsage();
  const value = body();
  const { user, system } = process.cpuUsage(before);
  return { value, time: { wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 } };
}

/** One network by one coder, on one thread. */
function code(network: string, coder: string): Omit<Coded, 'machine' | 'seed'> {
  const generated = generate(tables.find((t) => t.name === network)!, Number(values.seed));
  const written = timed(() => writePith({ ...generated, coder: coder as CoderChoice }));
  const read = timed(() => readPith(written.value.bytes));
  for (const [name, stored] of generated.stored) {
    const back = read.value.tensors.get(name);
    if (back?.kind !== 'shared' || !isDeepStrictEqual(stored, { ...back, gapBits: stored.gapBits }))
      throw new Error(`${network}, ${coder}: ${name} changed`);
  }
  return {
    network,
    coder,
    bytes: written.value.bytes.length,
    layers: written.value.report.tensors.map((t) => ({ name: t.name, bytes: t.bytes, weights: t.denseBytes / 4 })),
    encoding: written.time,
    decoding: read.time,
    peakMegabytes: process.resourceUsage().maxRSS / 1000,
  };
}

async function main(): Promise<void> {
  if (values.measure) {
    process.stdout.write(JSON.stringify(code(values.only[0]!, values.coder[0]!)));
    return;
  }
  for (const network of values.only)
    for (const coder of values.coder) {
      const at = machine();
      const words = ['--measure', '--only', network, '--coder', coder, '--seed', values.seed];
      const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), ...words], { maxBuffer: 1 << 26 });
      const coded: Coded = { machine: at, seed: Number(values.seed), ...(JSON.parse(stdout) as Omit<Coded, 'machine' | 'seed'>) };
      await writeResults(`${values.name}/${network}-${coder}`, coded, totalsOf([coded]));
    }
  await writeTable(values.name, paperTables(await readResults<Coded>(values.name)));
}

await main();
