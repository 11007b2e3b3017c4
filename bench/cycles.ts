/**
 * Ten thousand times: load a compressed network, run it, dispose of it. Memory must not grow.
 *
 *   npm run build && node bench/run.mjs cycles [--cycles 10000]
 *
 * Writes bench/results/cycles.json and cycles.md: bytes after a full collection, at the start and after each tenth of the cycles.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load, readPith, writePith } from '../packages/runtime/dist/index.js';
import { subjects } from './inference/models.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '10000' } } });

interface Row {
  readonly cycles: number;
  readonly heapBytes: number;
  /** Typed arrays and WebAssembly memories among them. */
  readonly externalBytes: number;
  readonly residentBytes: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function rowAt(cycles: number): Promise<Row> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((done) => setTimeout(done, 20));
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { cycles, heapBytes: heapUsed, externalBytes: external + arrayBuffers, residentBytes: rss };
}

async function main(): Promise<void> {
  const at = machine();
  const [lenet] = subjects();
  const { model, tensors } = readPith(lenet!.file);
  const { bytes } = writePith({ model, stored: tensors, coder: 'huffman' });
  const image = new Float32Array(784).fill(0.5);
  const once = async (): Promise<number> => {
    const loaded = await load(bytes);
    const { logits } = await loaded.run({ image });
    loaded.dispose();
    return logits!.data[0]!;
  };
  const first = await once();
  // the engine compiles, and keeps, what runs often
  for (let i = 0; i < 50; i++) await once();
  const rows = [await rowAt(0)];
  const total = Number(values.cycles);
  for (let i = 1; i <= total; i++) {
    if ((await once()) !== first) throw new Error(`cycle ${i} gave something else`);
    if (i % Math.ceil(total / 10) === 0) rows.push(await rowAt(i));
  }
  const [start, last] = [rows[1]!, rows.at(-1)!];
  const grown = { heapBytes: last.heapBytes - start.heapBytes, externalBytes: last.externalBytes - start.externalBytes };
  const table = markdown(
    ['cycles', 'heap, bytes', 'typed arrays and WebAssembly, bytes', 'resident, bytes'],
    rows.map((row) => [row.cycles, row.heapBytes, row.externalBytes, row.residentBytes].map(String)),
  );
  await writeResults('cycles', { machine: at, network: lenet!.name, grown, rows }, table);
  if (grown.heapBytes > 2 ** 19 || grown.externalBytes > 2 ** 16) throw new Error(`memory grew: ${JSON.stringify(grown)}`);
}

await main();
