/**
 * What `--recipe rated` leaves, batch 1, one thread: pith-runtime on the file beside onnxruntime-web (WebAssembly, SIMD) on the float model
 * that it was made from, in one process and in turns, in processor time.
 *
 *   npm run build && node bench/run.mjs rated-speed m.pith m.onnx [m2.pith m2.onnx …] [--rounds 31] [--slice 20]
 *
 * Before anything is timed the file's outputs are compared with those of onnxruntime-web on the decoded file. Writes
 * bench/results/rated-speed.json and rated-speed.md.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readPith } from '../packages/runtime/dist/index.js';
import { toOnnx } from '../packages/runtime/dist/onnx.js';
import { ours, rival } from './inference/sides.js';
import { differenceOf, inTurns } from './inference/turns.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '31' }, slice: { type: 'string', default: '20' } },
  allowPositionals: true,
});

async function compared(file: Uint8Array, onnx: Uint8Array) {
  const { model } = readPith(file);
  const [value] = model.graph.inputs;
  const input = { name: value!.name, dims: value!.dims!.map((d) => (typeof d === 'number' ? d : 1)) };
  const x = Float32Array.from({ length: input.dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.abs(Math.sin(i)) ** 8);
  const sides = [await ours(file, input, x), await rival(onnx, input, x)] as const;
  const check = await rival(await toOnnx(file), input, x);
  const [actual, expected] = await Promise.all([sides[0].run(), check.run()]);
  await check.close();
  const error = differenceOf(actual!, expected!);
  if (!(error <= 1e-4)) throw new Error(`${error} away from the decoded file`);
  return {
    network: model.metadata?.get('network') ?? model.graph.name,
    bytes: file.length,
    originalBytes: onnx.length,
    ...(await inTurns(sides, { rounds: Number(values.rounds), slice: Number(values.slice) })),
    error,
  };
}

async function main(): Promise<void> {
  if (positionals.length === 0 || positionals.length % 2 === 1)
    throw new Error('name pairs of a .pith file and the ONNX model it was made from');
  const rows: Awaited<ReturnType<typeof compared>>[] = [];
  for (let i = 0; i < positionals.length; i += 2)
    rows.push(await compared(new Uint8Array(await readFile(positionals[i]!)), new Uint8Array(await readFile(positionals[i + 1]!))));
  const table = markdown(
    ['network', 'file', 'float model', 'µs', 'onnxruntime-web µs', 'times faster', 'error'],
    rows.map((r) => [
      r.network,
      String(r.bytes),
      String(r.originalBytes),
      r.microseconds.toFixed(1),
      r.rivalMicroseconds.toFixed(1),
      r.ratio.toFixed(2),
      r.error.toExponential(0),
    ]),
  );
  await writeResults('rated-speed', { machine: machine(), rows }, table);
}

await main();
