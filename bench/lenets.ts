/**
 * The main job on real digits: each LeNet trained from fresh weights and compressed, for several seeds, by the command as a user types it.
 * Each decoded file is judged once more by ONNX Runtime, apart from pith's own evaluation.
 *
 *   npm run build && node bench/run.mjs lenets --data MNIST_DIR [--seeds 1,2,3] [--only lenet-5] [--name lenets]
 *
 * Writes bench/results/NAME.json and, as a table, NAME.md.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openDataset } from '../packages/pith/dist/data/open.js';
import { type LenetResult, lenetTable } from './lenets/table.js';
import { pith } from './support/pith.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string', multiple: true, default: ['lenet-300-100', 'lenet-5'] },
    name: { type: 'string', default: 'lenets' },
  },
});
const parameters: Readonly<Record<string, number>> = { 'lenet-300-100': 266_610, 'lenet-5': 431_080 };
const results = fileURLToPath(new URL('../results/', import.meta.url));

/** Top-1 error of an ONNX file by ONNX Runtime alone: pixels over 255, 500 at a time. */
async function judge(file: string, data: string): Promise<number> {
  const { test } = await openDataset(data);
  const session = await InferenceSession.create(file);
  let wrong = 0;
  for (let at = 0; at < test.count; at += 500) {
    const count = Math.min(500, test.count - at);
    const images = Float32Array.from(test.images.subarray(at * 784, (at + count) * 784), (v) => v / 255);
    const { logits } = await session.run({ image: new Tensor('float32', images, [count, 1, 28, 28]) });
    const scores = logits!.data as Float32Array;
    for (let i = 0; i < count; i++) {
      const row = scores.subarray(10 * i, 10 * i + 10);
      if (row.indexOf(Math.max(...row)) !== test.labels[at + i]) wrong++;
    }
  }
  await session.release();
  return wrong / test.count;
}

async function measure(network: string, seed: number, data: string): Promise<LenetResult> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-bench-'));
  const at = (name: string): string => join(folder, name);
  try {
    const trained = await pith('train', network, '--data', data, '--seed', String(seed), '-o', at('m.onnx'));
    const compressed = await pith('compress', at('m.onnx'), '--data', data, '--seed', String(seed), '-o', at('m.pith'));
    await pith('decode', at('m.pith'), '-o', at('d.onnx'));
    const bytes = (await stat(at('m.pith'))).size;
    const report = compressed.answer['report'] as { fileHash: string; bytes: { pruned: number; shared: number } };
    return {
      network,
      seed,
      reference: await judge(at('m.onnx'), data),
      compressed: await judge(at('d.onnx'), data),
      original: 4 * parameters[network]!,
      pruned: report.bytes.pruned,
      shared: report.bytes.shared,
      bytes,
      fileHash: report.fileHash,
      trainSeconds: trained.seconds,
      compressSeconds: compressed.seconds,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (values.data === undefined) throw new Error('name the folder of the MNIST files by --data');
  const loadBefore = loadavg()[0]!;
  const rows: LenetResult[] = [];
  for (const network of values.only)
    for (const seed of values.seeds.split(',').map(Number)) {
      rows.push(await measure(network, seed, values.data));
      process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  const { version } = JSON.parse(await readFile(new URL('../../packages/pith/package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, loadBefore };
  await mkdir(results, { recursive: true });
  await writeFile(
    `${results}${values.name}.json`,
    `${JSON.stringify({ version: 1, pith: version, node: process.version, machine, rows }, null, 2)}\n`,
  );
  const table = lenetTable(rows);
  await writeFile(`${results}${values.name}.md`, table);
  process.stdout.write(table);
}

await main();
