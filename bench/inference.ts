/**
 * Whole compressed networks, batch 1, one thread: pith-runtime beside onnxruntime-web (WebAssembly, SIMD) on the same weights as floats,
 * in the same process and in turns; and the time from the bytes of the file to the first result, each in fresh processes.
 *
 *   npm run build && node bench/run.mjs inference [--rounds 31] [--slice 20] [--starts 15]
 *
 * Writes bench/results/inference.json and inference.md.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type CoderChoice, readPith, writePith } from '../packages/runtime/dist/index.js';
import { toOnnx } from '../packages/runtime/dist/onnx.js';
import { type Subject, subjects } from './inference/models.js';
import { noise, ours, rival } from './inference/sides.js';
import { type Compared, differenceOf, inTurns, median } from './inference/turns.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    slice: { type: 'string', default: '20' },
    starts: { type: 'string', default: '15' },
  },
  allowPositionals: true,
});

const inputOf = ({ input }: Subject): Float32Array => noise(input.dims.reduce((a, b) => a * b, 1));

interface Row extends Compared {
  readonly network: string;
  readonly how: string;
  readonly fileBytes: number;
  readonly onnxBytes: number;
  readonly goal: number;
  /** Largest difference of the outputs, over the largest output. */
  readonly error: number;
}

async function compared(subject: Subject, onnx: Uint8Array): Promise<Row> {
  const x = inputOf(subject);
  const sides = [await ours(subject.file, subject.input, x), await rival(onnx, subject.input, x)] as const;
  const [actual, expected] = await Promise.all(sides.map((side) => side.run()));
  const error = differenceOf(actual!, expected!);
  if (!(error <= 1e-4)) throw new Error(`${subject.name}: ${error} away from the rival`);
  return {
    network: subject.name,
    how: subject.how,
    fileBytes: subject.file.length,
    onnxBytes: onnx.length,
    ...(await inTurns(sides, { rounds: Number(values.rounds), slice: Number(values.slice) })),
    goal: subject.goal,
    error,
  };
}

/** In a fresh process: milliseconds from the bytes to the first result. */
async function firstResult(which: string, path: string, input: Subject['input']): Promise<number> {
  const bytes = new Uint8Array(await readFile(path));
  const x = noise(input.dims.reduce((a, b) => a * b, 1));
  const began = performance.now();
  const side = await (which === 'ours' ? ours : rival)(bytes, input, x);
  await side.run();
  return performance.now() - began;
}

interface FirstRow {
  readonly network: string;
  /** That of the paper, or the one that makes the smallest files. */
  readonly coder: CoderChoice;
  readonly milliseconds: number;
  readonly rivalMilliseconds: number;
  readonly ratio: number;
}

async function started(subject: Subject, coder: CoderChoice, onnx: Uint8Array): Promise<FirstRow> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-inference-'));
  try {
    const { model, tensors } = readPith(subject.file);
    await writeFile(join(folder, 'ours'), writePith({ model, stored: tensors, coder }).bytes);
    await writeFile(join(folder, 'rival'), onnx);
    const once = async (which: string): Promise<number> => {
      const words = [process.argv[1]!, 'first', which, join(folder, which), JSON.stringify(subject.input)];
      return Number((await promisify(execFile)(process.execPath, words)).stdout);
    };
    const rounds: { ours: number; rival: number }[] = [];
    for (let i = 0; i < Number(values.starts); i++) rounds.push({ ours: await once('ours'), rival: await once('rival') });
    return {
      network: subject.name,
      coder,
      milliseconds: median(rounds.map((r) => r.ours)),
      rivalMilliseconds: median(rounds.map((r) => r.rival)),
      ratio: median(rounds.map((r) => r.rival / r.ours)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const [word, which, path, input] = positionals;
  if (word === 'first') {
    process.stdout.write(String(await firstResult(which!, path!, JSON.parse(input!) as Subject['input'])));
    return;
  }
  const at = machine();
  const rows: Row[] = [];
  const first: FirstRow[] = [];
  for (const subject of subjects()) {
    const onnx = await toOnnx(subject.file);
    rows.push(await compared(subject, onnx));
    for (const coder of ['huffman', 'mix'] as const) first.push(await started(subject, coder, onnx));
  }
  const runs = markdown(
    ['network', 'weights', 'file', 'ONNX', 'µs', 'onnxruntime-web µs', 'times faster', 'goal', 'error'],
    rows.map((row) => [
      row.network,
      row.how,
      String(row.fileBytes),
      String(row.onnxBytes),
      row.microseconds.toFixed(0),
      row.rivalMicroseconds.toFixed(0),
      row.ratio.toFixed(2),
      String(row.goal),
      row.error.toExponential(0),
    ]),
  );
  const starts = markdown(
    ['network', 'coder', 'bytes to first result, ms', 'onnxruntime-web, ms', 'times sooner'],
    first.map((row) => [row.network, row.coder, row.milliseconds.toFixed(1), row.rivalMilliseconds.toFixed(1), row.ratio.toFixed(1)]),
  );
  await writeResults('inference', { machine: at, rows, first }, `${runs}\n${starts}`);
}

await main();
