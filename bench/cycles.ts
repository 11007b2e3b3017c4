/**
 * Ten thousand times: load a compressed network, run it, dispose of it. Memory must not grow.
 *
 *   npm run build && node bench/run.mjs cycles [--cycles 10000] [--threads 2]
 *
 * Writes bench/results/cycles.json and cycles.md: bytes after a full collection, at the start and after each tenth of the cycles. With more
 * than one thread the network is a layer that is large enough for them, every tenth cycle waits until all are there and runs once more, and
 * the files are cycles-threads.json and .md.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Feeds, load, readPith, writePith } from '../packages/runtime/dist/index.js';
import { model, node, random, value } from '../packages/runtime/test/help/models.js';
import { subjects } from './inference/models.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '10000' }, threads: { type: 'string', default: '1' } } });
const threads = Number(values.threads);

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

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly feeds: Feeds;
}

function lenet(): Subject {
  const [found] = subjects();
  const file = readPith(found!.file);
  const { bytes } = writePith({ model: file.model, stored: file.tensors, coder: 'huffman' });
  return { name: found!.name, bytes, feeds: { image: new Float32Array(784).fill(0.5) } };
}

/** A convolution of 18 million multiply-adds: models of fewer than 16 million get no threads. */
function layer(): Subject {
  const [channels, side] = [128, 33];
  const next = random(5);
  const floats = (...dims: number[]) => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
    return { dtype: 'float32', dims, data } as const;
  };
  const dims = [1, channels, side, side];
  const convolution = model({
    inputs: [value('x', ...dims)],
    outputs: [value('y', ...dims)],
    nodes: [node('Conv', ['x', 'w'], ['y'])],
    initializers: new Map([['w', floats(channels, channels, 1, 1)]]),
  });
  return {
    name: `1×1 [${channels}→${channels}, ${side}×${side}]`,
    bytes: writePith({ model: convolution }).bytes,
    feeds: { x: floats(...dims) },
  };
}

async function main(): Promise<void> {
  const at = machine();
  const { name, bytes, feeds } = threads > 1 ? layer() : lenet();
  let together = 0;
  const once = async (waits = false): Promise<number> => {
    const loaded = await load(bytes, { threads });
    let outputs = await loaded.run(feeds);
    if (waits && threads > 1) {
      for (let i = 0; i < 400 && loaded.threads < threads; i++) await new Promise((done) => setTimeout(done, 5));
      if (loaded.threads === threads) together++;
      outputs = await loaded.run(feeds);
    }
    loaded.dispose();
    return Object.values(outputs)[0]!.data[0]!;
  };
  const first = await once();
  // the engine compiles, and keeps, what runs often
  for (let i = 0; i < 50; i++) await once(true);
  const rows = [await rowAt(0)];
  const total = Number(values.cycles);
  for (let i = 1; i <= total; i++) {
    if ((await once(i % 10 === 0)) !== first) throw new Error(`cycle ${i} gave something else`);
    if (i % Math.ceil(total / 10) === 0) rows.push(await rowAt(i));
  }
  // until then the engine still compiles, and keeps, what runs often
  const [start, last] = [rows[3]!, rows.at(-1)!];
  const grown = { heapBytes: last.heapBytes - start.heapBytes, externalBytes: last.externalBytes - start.externalBytes };
  const table = markdown(
    ['cycles', 'heap, bytes', 'typed arrays and WebAssembly, bytes', 'resident, bytes'],
    rows.map((row) => [row.cycles, row.heapBytes, row.externalBytes, row.residentBytes].map(String)),
  );
  await writeResults(threads > 1 ? 'cycles-threads' : 'cycles', { machine: at, network: name, threads, together, grown, rows }, table);
  if (threads > 1 && together === 0) throw new Error('the threads never came');
  if (grown.heapBytes > 2 ** 18 || grown.externalBytes > 2 ** 16) throw new Error(`memory grew: ${JSON.stringify(grown)}`);
}

await main();
