/**
 * Weights without loss: a trained network in float32, float16 and bfloat16 by `pith squeeze --lossless`, beside general compressors on the
 * bytes of its tensors. Every byte of the decoded tensors is compared.
 *
 *   npm run build && PYTHON=python3 node bench/run.mjs lossless --model MODEL.onnx [--name NAME]
 *
 * MODEL.onnx has float32 weights. PYTHON is an interpreter with zstandard. Writes bench/results/NAME.json and NAME.md.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesOf, dtypes, type Model, type Tensor } from '../packages/pith/dist/base/tensor.js';
import { loadModel, saveModel } from '../packages/pith/dist/onnx/file.js';
import { narrow } from './lossless/narrow.js';
import { brotli, planesOf, zstd } from './lossless/peers.js';
import { pith } from './support/pith.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    name: { type: 'string', default: 'lossless' },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
  },
});

interface Row {
  readonly dtype: string;
  /** Bytes of the float tensors. */
  readonly raw: number;
  /** The whole file, graph and all. */
  readonly pith: number;
  readonly zstdShuffled: number;
  readonly brotliShuffled: number;
  readonly zstd: number;
  readonly brotli: number;
}

const floats = (model: Model, dtype: string): [string, Tensor][] =>
  [...model.graph.initializers].filter(([, tensor]) => tensor.dtype === dtype);

async function measure(model: Model, dtype: 'float32' | 'float16' | 'bfloat16'): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-bench-'));
  const [given, small, back] = ['m.onnx', 'm.pith', 'd.onnx'].map((file) => join(folder, file)) as [string, string, string];
  try {
    await saveModel(given, model);
    await pith('squeeze', given, '--lossless', '-o', small);
    await pith('decode', small, '-o', back);
    const decoded = await loadModel(back);
    for (const [name, tensor] of model.graph.initializers)
      if (Buffer.compare(bytesOf(tensor), bytesOf(decoded.graph.initializers.get(name)!)) !== 0)
        throw new Error(`${dtype}: ${name} changed`);
    const bytes = Buffer.concat(floats(model, dtype).map(([, tensor]) => bytesOf(tensor)));
    const planes = planesOf(bytes, dtypes[dtype].bits / 8);
    return {
      dtype,
      raw: bytes.length,
      pith: (await stat(small)).size,
      zstdShuffled: await zstd(values.python, planes),
      brotliShuffled: brotli(planes),
      zstd: await zstd(values.python, bytes),
      brotli: brotli(bytes),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (values.model === undefined) throw new Error('name the network by --model');
  const model = await loadModel(values.model);
  const rows = [
    await measure(model, 'float32'),
    await measure(narrow(model, 'float16'), 'float16'),
    await measure(narrow(model, 'bfloat16'), 'bfloat16'),
  ];
  const share = (row: Row, bytes: number): string => `${bytes} B, ${(bytes / row.raw).toFixed(3)}×`;
  const table = markdown(
    ['weights', 'raw', 'pith, whole file', 'zstd 22, planes', 'brotli 11, planes', 'zstd 22', 'brotli 11'],
    rows.map((row) => [
      row.dtype,
      `${row.raw} B`,
      ...[row.pith, row.zstdShuffled, row.brotliShuffled, row.zstd, row.brotli].map((bytes) => share(row, bytes)),
    ]),
  );
  await writeResults(values.name, { machine: machine(), model: basename(values.model), rows }, table);
}

await main();
