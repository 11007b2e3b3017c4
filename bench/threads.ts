/**
 * Large models on one thread and on several, batch 1, beside onnxruntime-web (WebAssembly, SIMD) with as many threads, on the same weights
 * as floats: in one process and in turns, by the clock, after the results were compared. The machine must have nothing else to do.
 *
 *   npm run build && node bench/run.mjs threads [--threads 2] [--rounds 31]
 *
 * Writes bench/results/threads.json and threads.md.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web';
import { toOnnx } from '../packages/runtime/dist/onnx.js';
import { largeSubjects, type Subject } from './inference/models.js';
import { noise, ours, rival, type Side } from './inference/sides.js';
import { differenceOf, median } from './inference/turns.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: { threads: { type: 'string', default: String(Math.min(4, availableParallelism())) }, rounds: { type: 'string', default: '31' } },
});
const threads = Number(values.threads);

/** Milliseconds of a call: the median of a few, so that the threads are awake as they are in a row of calls. */
async function timed(side: Side, calls: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const began = performance.now();
    await side.run();
    times.push(performance.now() - began);
  }
  return median(times);
}

interface Row {
  readonly network: string;
  readonly how: string;
  /** Medians of milliseconds. */
  readonly one: number;
  readonly several: number;
  readonly rival: number;
  /** Medians of the rounds. */
  readonly gain: number;
  readonly ratio: number;
  readonly goal: number;
}

async function compared(subject: Subject): Promise<Row> {
  const { file, input, name, how, goal } = subject;
  const x = noise(input.dims.reduce((a, b) => a * b, 1));
  const sides = [
    await ours(file, input, x),
    await ours(file, input, x, threads),
    await rival(await toOnnx(file), input, x, { build: ort, threads }),
  ];
  // until all is compiled for speed, and threads are there
  for (const side of sides) for (const until = performance.now() + 1500; performance.now() < until; ) await side.run();
  const [one, several, theirs] = (await Promise.all(sides.map((side) => side.run()))) as [Float32Array, Float32Array, Float32Array];
  if (one.some((v, i) => !Object.is(v, several[i]))) throw new Error(`${name}: other bits on ${threads} threads`);
  const error = differenceOf(one, theirs);
  if (!(error <= 1e-4)) throw new Error(`${name}: ${error} away from the rival`);
  const rounds: number[][] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    const times: number[] = [];
    for (const side of sides) times.push(await timed(side, 5));
    rounds.push(times);
  }
  await Promise.all(sides.map((side) => side.close()));
  const of = (pick: (times: readonly number[]) => number): number => median(rounds.map(pick));
  return {
    network: name,
    how,
    one: of(([a]) => a!),
    several: of(([, b]) => b!),
    rival: of(([, , c]) => c!),
    gain: of(([a, b]) => a! / b!),
    ratio: of(([, b, c]) => c! / b!),
    goal,
  };
}

const at = machine();
const rows: Row[] = [];
for (const subject of largeSubjects()) rows.push(await compared(subject));
const table = markdown(
  [
    'network',
    'weights',
    '1 thread, ms',
    `${threads} threads, ms`,
    'gain',
    'goal',
    `onnxruntime-web, ${threads} threads, ms`,
    'times faster',
  ],
  rows.map((row) => [
    row.network,
    row.how,
    row.one.toFixed(2),
    row.several.toFixed(2),
    row.gain.toFixed(2),
    row.goal.toFixed(1),
    row.rival.toFixed(2),
    row.ratio.toFixed(2),
  ]),
);
await writeResults('threads', { machine: at, threads, rows }, table);
// threads of the rival keep the process
process.exit(0);
