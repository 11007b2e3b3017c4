/**
 * How much memory a large model takes: a chain of matrix products of the wanted size is squeezed at effort 0 and decoded again, each in a
 * process of its own, and the most that the process had in memory is divided by the bytes of the model.
 *
 *   npm run build && node bench/run.mjs memory [--megabytes 1000] [--name memory]
 *
 * Writes bench/results/NAME.json and NAME.md.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../packages/pith/dist/base/random.js';
import { loadModel, saveModel, squeeze } from '../packages/pith/dist/index.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    name: { type: 'string', default: 'memory' },
    part: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});

const megabytes = Number(values.megabytes);
const side = 2048;
const paths = (folder: string) => ({
  onnx: join(folder, 'large.onnx'),
  pith: join(folder, 'large.pith'),
  again: join(folder, 'again.onnx'),
});

/** Normal weights, each layer with a gain of one, so that outputs stay of one size. */
async function make(folder: string): Promise<void> {
  const layers = Math.max(1, Math.round((megabytes * 1e6) / (4 * side * side)));
  const random = Random.of(1, 'memory');
  const weight = () => Float32Array.from({ length: side * side }, () => random.normal() / Math.sqrt(side));
  const initializers = new Map(
    Array.from({ length: layers }, (_, i) => [`w${i}`, { dtype: 'float32' as const, dims: [side, side], data: weight() }]),
  );
  const nodes = [...initializers.keys()].map((name, i) => ({
    op: 'MatMul',
    domain: '',
    name: `product${i}`,
    inputs: [i === 0 ? 'x' : `h${i - 1}`, name],
    outputs: [i === layers - 1 ? 'y' : `h${i}`],
    attributes: new Map(),
  }));
  const value = (name: string) => ({ name, dtype: 'float32' as const, dims: ['N', side] });
  await saveModel(paths(folder).onnx, {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producerName: 'pith',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    doc: '',
    metadata: new Map(),
    functions: [],
    graph: {
      name: 'large',
      nodes,
      inputs: [value('x')],
      outputs: [value('y')],
      initializers,
      opaqueInitializers: new Map(),
      valueInfo: [],
    },
  });
}

interface Part {
  readonly peak: number;
  readonly seconds: number;
}

/** Runs a part of this program in a process of its own. */
function part(name: string, folder: string): Promise<Part> {
  const args = [process.argv[1]!, '--part', name, '--folder', folder, '--megabytes', String(megabytes)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out) as Part) : reject(new Error(`${name} ended with ${code}`))));
  });
}

async function asPart(name: string): Promise<void> {
  const { onnx, pith, again } = paths(values.folder);
  const began = performance.now();
  if (name === 'make') await make(values.folder);
  else if (name === 'squeeze') await squeeze({ model: onnx, output: pith, effort: 0 });
  else await saveModel(again, await loadModel(pith));
  process.stdout.write(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024, seconds: (performance.now() - began) / 1000 }));
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-memory-'));
  try {
    await part('make', folder);
    const { size } = await stat(paths(folder).onnx);
    const rows = [];
    for (const name of ['squeeze', 'decode']) {
      const { peak, seconds } = await part(name, folder);
      rows.push({ what: name, seconds, peakBytes: peak, overModel: peak / size });
    }
    const coded = (await stat(paths(folder).pith)).size;
    const table = markdown(
      ['', 'seconds', 'peak MB', 'of the model'],
      rows.map((row) => [row.what, row.seconds.toFixed(1), (row.peakBytes / 1e6).toFixed(0), `${row.overModel.toFixed(2)}×`]),
    );
    await writeResults(
      values.name,
      { machine: machine(), modelBytes: size, fileBytes: coded, rows },
      `# Memory\n\nA model of ${(size / 1e6).toFixed(0)} MB.\n\n${table}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await (values.part === undefined ? main() : asPart(values.part));
