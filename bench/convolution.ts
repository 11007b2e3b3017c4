/**
 * The convolutions of VGG-16, each in four ways: time, memory beside input and output, and arithmetic intensity (operations for each byte that
 * is moved); and what the weights and activations of the whole network take when it is evaluated and when it is trained.
 *
 *   npm run build && node bench/run.mjs convolution [--rounds 5] [--only conv5_1]
 *
 * Writes bench/results/convolution.json and convolution.md where all is measured; part of it is printed only.
 */
import { parseArgs } from 'node:util';
import { Machine } from '../packages/runtime/dist/kernels/machine.js';
import { activationBytes, evaluationMemory, type MemoryUse, trainingMemory, type VggLayer, vgg16, weightBytes } from './convolution/vgg.js';
import { type Operands, ways } from './convolution/ways.js';
import { noise } from './kernels/measure.js';
import { conv } from './kernels/shapes.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } } });
const rounds = Number(values.rounds);

interface Row {
  readonly layer: string;
  readonly way: string;
  readonly milliseconds: number;
  /** Of the direct convolution, whatever the way needs. */
  readonly multiplyAddsPerSecond: number;
  readonly bytes: number;
  readonly intensity: number;
}

const mebi = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/** Milliseconds of processor time: other work on the machine stretches the time on the wall. */
function timed(run: () => void): number {
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function measure({ name, from, to, size }: VggLayer): Row[] {
  const { conv: shape } = conv('', { from, to, size, kernel: 3 });
  const operands: Operands = { shape, x: noise(from * size * size, 1), weight: noise(9 * from * to, 2) };
  const multiplyAdds = 9 * from * to * size * size;
  const made = Object.entries(ways).map(([way, make]) => ({ way, ...make(operands, Machine.open()), times: [] as number[] }));
  for (const { way, run, times } of made) {
    times.push(timed(run));
    // it is slow, and its first run is as good as any
    if (way !== 'direct loops') times.pop();
  }
  const expected = made[0]!.result();
  const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  for (const { way, result } of made) {
    const error = result().reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0) / largest;
    if (error > 1e-4) throw new Error(`${name}: ${way} is ${error} away from direct loops`);
  }
  for (let round = 0; round < rounds; round++) for (const { way, run, times } of made) if (way !== 'direct loops') times.push(timed(run));
  return made.map(({ way, times, bytes, operations, moved }) => ({
    layer: `${name} [${from}→${to}, ${size}×${size}]`,
    way,
    milliseconds: median(times),
    multiplyAddsPerSecond: (multiplyAdds / median(times)) * 1000,
    bytes,
    intensity: operations / moved,
  }));
}

/** Layers of the same shape are measured once. */
const layers = vgg16.filter(
  (layer, i) =>
    layer.kind === 'conv' &&
    (values.only === undefined || layer.name === values.only) &&
    vgg16.findIndex((other) => other.kind === 'conv' && other.from === layer.from && other.to === layer.to && other.size === layer.size) ===
      i,
);

function memoryTable(): string {
  const uses: readonly (readonly [string, MemoryUse])[] = [
    ['evaluation, batch 1', evaluationMemory(1)],
    ['training with momentum, batch 1', trainingMemory(1)],
    ['training with momentum, batch 128', trainingMemory(128)],
  ];
  const layerRows = vgg16.map((layer) => [layer.name, mebi(weightBytes(layer)), mebi(activationBytes(layer))]);
  const useRows = uses.map(([use, { weights, activations }]) => [use, mebi(weights), mebi(activations)]);
  return markdown(['VGG-16', 'weights, MiB', 'activations, MiB'], [...layerRows, ...useRows]);
}

async function main(): Promise<void> {
  const at = machine();
  const rows = layers.flatMap((layer) => {
    process.stderr.write(`${layer.name}\n`);
    return measure(layer);
  });
  const table = markdown(
    ['layer', 'way', 'ms', 'billion multiply-adds/s', 'memory, MiB', 'operations per byte'],
    rows.map((row) => [
      row.layer,
      row.way,
      row.milliseconds.toFixed(1),
      (row.multiplyAddsPerSecond / 1e9).toFixed(2),
      mebi(row.bytes),
      row.intensity.toFixed(1),
    ]),
  );
  const both = `${table}\n${memoryTable()}`;
  if (values.only !== undefined) process.stdout.write(both);
  else await writeResults('convolution', { machine: at, rows, evaluation: evaluationMemory(1), training: trainingMemory(1) }, both);
}

await main();
