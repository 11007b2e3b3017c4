/**
 * Kernels for relaxed SIMD beside those that pith-runtime carries, on the same layers, one thread, in the same process and in turns.
 *
 *   npm run build && node bench/run.mjs relaxed [--rounds 21] [--slice 4]
 *
 * Writes bench/results/relaxed.json and relaxed.md.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { hasRelaxedSimd, type StoredTensor } from '../packages/runtime/dist/index.js';
import type { Choice, ConvShape, LinearShape } from '../packages/runtime/dist/kernels/choice.js';
import { convChoices } from '../packages/runtime/dist/kernels/conv-choices.js';
import { linearChoices } from '../packages/runtime/dist/kernels/linear-choices.js';
import { Machine } from '../packages/runtime/dist/kernels/machine.js';
import { differenceOf, median } from './inference/turns.js';
import { noise } from './kernels/measure.js';
import { inputDims, outputDims, weightDims } from './kernels/rival.js';
import { type Case, denseCases, sparseCases } from './kernels/shapes.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' }, slice: { type: 'string', default: '4' } } });
const [rounds, slice] = [Number(values.rounds), Number(values.slice)];

if (!hasRelaxedSimd()) setFlagsFromString('--experimental-wasm-relaxed-simd');
const module = new WebAssembly.Module(readFileSync('packages/runtime/dist/kernels.relaxed.wasm'));

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
/** Processor time, in microseconds: other work on the machine stretches the time on the wall. */
const clock = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

function timed(run: () => void, times: number): number {
  const began = clock();
  for (let i = 0; i < times; i++) run();
  return (clock() - began) / times;
}

/** The cheapest kernel for this layer, on a machine of its own. */
function side(of: Case, stored: StoredTensor, on: Machine): { kernel: string; run(): void; result(): Float32Array } {
  const epilogue = { bias: noise(weightDims(of)[0]!, 2), low: -Infinity, high: Infinity };
  const choices: readonly Choice<ConvShape>[] | readonly Choice<LinearShape>[] =
    'linear' in of ? linearChoices(stored, of.linear, epilogue) : convChoices(stored, of.conv, epilogue);
  const best = (choices as readonly Choice<never>[]).filter(({ exact }) => exact).reduce((a, b) => (b.nanoseconds < a.nanoseconds ? b : a));
  const bound = best.pack(on).bind(('linear' in of ? of.linear : of.conv) as never);
  const [x, y] = [on.put(noise(product(inputDims(of)), 1)), on.allocate(4 * product(outputDims(of)))];
  const scratch = on.allocate(bound.scratchBytes);
  return {
    kernel: best.kernel,
    run: () => bound.run(x, y, scratch),
    result: () => on.floats(y, product(outputDims(of))).slice(),
  };
}

/** A share of the weights is kept where the layer is to be sparse. */
function weightOf(of: Case, kept: number): StoredTensor {
  const dims = weightDims(of);
  const data = noise(product(dims), 10);
  if (kept === 1) return { kind: 'dense', tensor: { dtype: 'float32', dims, data } };
  const positions = Uint32Array.from(data.keys()).filter((i) => Math.abs(data[i]!) < kept);
  return { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (i) => data[i]!) };
}

function measured(of: Case, kept: number) {
  const stored = weightOf(of, kept);
  const exact = side(of, stored, Machine.open());
  const relaxed = side(of, stored, Machine.open({ kernels: { module, shared: () => module } }));
  for (const each of [exact, relaxed]) each.run();
  const error = differenceOf(relaxed.result(), exact.result());
  if (!(error <= 1e-4)) throw new Error(`${of.name}: ${error} apart`);
  const counts = [exact, relaxed].map(({ run }) => {
    // the engine needs a while until it has compiled both for speed
    for (const began = clock(); clock() - began < 300_000; ) run();
    return Math.ceil((slice * 1000) / timed(run, 3));
  });
  const times = Array.from({ length: rounds }, () => ({ exact: timed(exact.run, counts[0]!), relaxed: timed(relaxed.run, counts[1]!) }));
  const ratio = median(times.map((t) => t.exact / t.relaxed));
  return {
    name: of.name,
    kept,
    kernel: exact.kernel,
    exact: median(times.map((t) => t.exact)),
    relaxed: median(times.map((t) => t.relaxed)),
    ratio,
    error,
  };
}

const rows = [...denseCases.map((of) => measured(of, 1)), ...sparseCases.map(({ of, kept }) => measured(of, kept))];
const mean = (of: typeof rows): string => Math.exp(of.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / of.length).toFixed(2);
const [dense, sparse] = [rows.slice(0, denseCases.length), rows.slice(denseCases.length)];
const table = markdown(
  ['layer', 'kept', 'kernel', 'µs', 'µs, relaxed', 'times as fast', 'largest difference'],
  rows.map((r) => [
    r.name,
    `${100 * r.kept} %`,
    r.kernel,
    r.exact.toFixed(1),
    r.relaxed.toFixed(1),
    r.ratio.toFixed(2),
    r.error.toExponential(0),
  ]),
);
await writeResults(
  'relaxed',
  { machine: machine(), rows },
  `# Kernels for relaxed SIMD\n\n${table}\n\nGeometric means: dense ${mean(dense)}, sparse ${mean(sparse)}.`,
);
