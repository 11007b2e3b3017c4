/**
 * Kernels of pith-runtime beside onnxruntime-web, one thread each, in the same process and in turns.
 *
 *   npm run build && node bench/run.mjs kernels [--rounds 9] [--slice 40] [--only ResNet] [--kernel conv-dense]
 *
 * Writes bench/results/kernels.json and kernels.md where all is measured; part of it is printed only.
 */
import { parseArgs } from 'node:util';
import type { StoredTensor } from '../packages/runtime/dist/index.js';
import { type Measured, type MeasureOptions, measure, noise } from './kernels/measure.js';
import { binaryCases, codebookCases, denseCases, sparseCases } from './kernels/shapes.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    slice: { type: 'string', default: '4' },
    only: { type: 'string' },
    kernel: { type: 'string' },
  },
});
const common = {
  rounds: Number(values.rounds),
  slice: Number(values.slice),
  ...(values.kernel !== undefined && { kernel: values.kernel }),
};

interface Row extends Measured {
  readonly name: string;
  readonly goal?: number;
}

const denseWeight: MeasureOptions['weight'] = (dims, seed) => {
  const dense = noise(
    dims.reduce((a, b) => a * b, 1),
    seed,
  );
  return { stored: { kind: 'dense', tensor: { dtype: 'float32', dims, data: dense } }, dense };
};

const sparseWeight =
  (kept: number): MeasureOptions['weight'] =>
  (dims, seed) => {
    const { dense } = denseWeight(dims, seed);
    const chance = noise(dense.length, seed + 100);
    for (let i = 0; i < dense.length; i++) if (Math.abs(chance[i]!) >= kept) dense[i] = 0;
    const positions = Uint32Array.from(dense.keys()).filter((i) => dense[i] !== 0);
    const stored: StoredTensor = { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (i) => dense[i]!) };
    return { stored, dense };
  };

/** Few values at the positions that a sparse weight keeps. */
const sharedWeight =
  (kept: number, codebook: Float32Array): MeasureOptions['weight'] =>
  (dims, seed) => {
    const { stored, dense } = sparseWeight(kept)(dims, seed);
    if (stored.kind !== 'sparse') throw new Error('not sparse');
    const { positions } = stored;
    const index = Uint16Array.from(positions, (at) => Math.floor(Math.abs(dense[at]!) * 1e4) % codebook.length);
    positions.forEach((at, i) => {
      dense[at] = codebook[index[i]!]!;
    });
    return { stored: { kind: 'shared', dims, codebook, positions, index, gapBits: 0 }, dense };
  };

const codebooks = {
  'conv-sparse-shared': Float32Array.from({ length: 32 }, (_, i) => (i - 15.5) / 16),
  'conv-sparse-ternary': Float32Array.of(-0.75, 0.5),
};

/** Weights of 8 bits, a step for each output. */
const integerWeight: MeasureOptions['weight'] = (dims, seed) => {
  const levels = Int32Array.from(denseWeight(dims, seed).dense, (v) => Math.round(127 * v));
  const rows = dims[0]!;
  const view = { rows, columns: dims[1]!, positions: levels.length / rows / dims[1]!, transposed: false };
  const rowSteps = new Int8Array(rows);
  const stored = {
    kind: 'uniform',
    dtype: 'float32',
    dims,
    view,
    levels,
    grid: 'scalar',
    step: -112,
    rowSteps,
    columnSteps: null,
  } as const;
  return { stored, dense: Float32Array.from(levels, (level) => level / 128) };
};

const signWeight: MeasureOptions['weight'] = (dims, seed) => {
  const dense = denseWeight(dims, seed).dense.map((v) => (v < 0 ? -0.25 : 0.25));
  return { stored: { kind: 'dense', tensor: { dtype: 'float32', dims, data: dense } }, dense };
};

const tasks: readonly { name: string; goal?: number; run: () => Promise<Measured> }[] = [
  ...denseCases.map((of) => ({ name: of.name, run: () => measure(of, { ...common, weight: denseWeight }) })),
  ...sparseCases.map(({ of, kept, goal }) => ({
    name: `sparse ${Math.round(100 * (1 - kept))} % ${of.name}`,
    ...(goal !== undefined && { goal }),
    run: () => measure(of, { ...common, weight: sparseWeight(kept) }),
  })),
  ...Object.entries(codebooks).flatMap(([kernel, codebook]) =>
    codebookCases.map(({ of, kept }) => ({
      name: `${codebook.length} values, sparse ${Math.round(100 * (1 - kept))} % ${of.name}`,
      run: () => measure(of, { ...common, kernel, weight: sharedWeight(kept, codebook) }),
    })),
  ),
  ...binaryCases.map((of) => ({
    name: `integers of 8 bits ${of.name}`,
    run: () => measure(of, { ...common, kernel: 'conv-integer', weight: integerWeight }),
  })),
  ...binaryCases.map((of) => ({
    name: `binary ${of.name}`,
    goal: 10,
    run: () => measure(of, { ...common, weight: signWeight, signs: true }),
  })),
];

const geometricMean = (numbers: readonly number[]): number => Math.exp(numbers.reduce((a, b) => a + Math.log(b), 0) / numbers.length);

async function main(): Promise<void> {
  const at = machine();
  const rows: Row[] = [];
  for (const { name, goal, run } of tasks) {
    if (values.only !== undefined && !name.includes(values.only)) continue;
    const row = { name, ...(goal !== undefined && { goal }), ...(await run()) };
    // rounded activations: 2⁻¹⁵ of the largest, and more where the sums of 8-bit weights leave less room
    if (row.error > (row.kernel === 'conv-integer' ? 1e-3 : 1e-4))
      throw new Error(`${name}: ${row.kernel} is ${row.error} away from the rival`);
    process.stderr.write(
      `${row.ratio.toFixed(2)}× (${row.quickest.toFixed(2)}×)  ${row.microseconds.toFixed(0)} µs (est. ${row.estimate.toFixed(0)}), rival ${row.rival.toFixed(0)} µs  ${row.kernel}  ${name}\n`,
    );
    rows.push(row);
  }
  const dense = rows.filter(({ name }) => denseCases.some((of) => of.name === name));
  const mean = geometricMean(dense.map(({ ratio }) => ratio));
  process.stderr.write(`dense: geometric mean ${mean.toFixed(2)}×\n`);
  if (values.only !== undefined || values.kernel !== undefined) return;
  const table = markdown(
    ['layer', 'kernel', 'µs', 'onnxruntime-web µs', 'times faster', 'goal', 'multiply-adds', 'error'],
    rows.map((row) => [
      row.name,
      row.kernel,
      row.microseconds.toFixed(1),
      row.rival.toFixed(1),
      row.ratio.toFixed(2),
      row.goal?.toFixed(1) ?? '',
      String(row.multiplyAdds),
      row.error.toExponential(0),
    ]),
  );
  await writeResults('kernels', { machine: at, geometricMeanOfDense: mean, rows }, table);
}

await main();
