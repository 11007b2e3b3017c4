/** Integer products one by one, and the largest magnitude by looking at all. */
import { equal, noise, sumOf, type Twin, type TwinCase } from '../twin.js';

const largestCase = (planes: number, count: number): TwinCase => ({
  what: `${planes} planes of ${count} numbers`,
  tolerance: equal,
  run(machine, spoil) {
    const x = noise(planes * count, 1).map((v) => v - 0.5);
    const factors = noise(planes, 2).map(Math.abs);
    const expected = [x.reduce((most, v, i) => Math.max(most, Math.fround(Math.abs(v) * factors[Math.floor(i / count)]!)), 0)];
    spoil(x);
    return { actual: [machine.exports.largest(machine.put(x), planes, count, machine.put(factors))], expected };
  },
});

export const largest: Twin = {
  name: 'largest',
  cases: [1, 3].flatMap((planes) => [1, 3, 4, 5, 8, 9, 102].map((count) => largestCase(planes, count))),
};

/** Powers of two: what is multiplied with them stays a whole multiple. */
const powers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => 2 ** (i % 3));

/** Activations are whole multiples of the step, so that rounding changes nothing. */
const convCase = (rows: number, k: number, columns: number): TwinCase => ({
  what: `${rows}×${k}, ${columns} pixels`,
  // the sums are exact; they are scaled in float32
  tolerance: sumOf(2),
  run(machine, spoil) {
    const step = 2 ** -10;
    const levels = Int16Array.from(noise(rows * k, 1), (v) => Math.round(127 * v));
    const x = noise(columns + 60, 2).map((v) => Math.round(1000 * v) * step);
    const factors = powers(k);
    const taps = Int32Array.from({ length: k }, (_, i) => 4 * ((i * 7) % 50));
    const pixels = Int32Array.from({ length: Math.ceil(columns / 8) * 8 }, (_, p) => 4 * Math.min(p, columns - 1));
    const even = Math.ceil(rows / 4) * 4;
    const [scale, bias] = [noise(even, 3).map((v) => v / 128), noise(even, 4)];
    const expected = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++)
      for (let p = 0; p < columns; p++) {
        let sum = 0;
        for (let i = 0; i < k; i++) sum += levels[r * k + i]! * factors[i]! * x[(taps[i]! + pixels[p]!) / 4]!;
        expected[r * columns + p] = Math.max(sum * scale[r]! + bias[r]!, -0.5);
      }
    spoil(x);
    spoil(bias);
    const pairs = Math.ceil(k / 2);
    const panels = new Int16Array(even * pairs * 2);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < k; i++) panels[((r >> 2) * pairs + (i >> 1)) * 8 + (r & 3) * 2 + (i & 1)] = levels[r * k + i]!;
    const [wp, xp, tp, pp] = [machine.put(panels), machine.put(x), machine.put(taps), machine.put(pixels)];
    const fp = machine.put(factors);
    const [sp, bp, y] = [machine.put(scale), machine.put(bias), machine.allocate(4 * rows * columns)];
    const { integerConv, integerScratch } = machine.exports;
    const scratch = machine.allocate(integerScratch(k, columns));
    integerConv(wp, rows, k, xp, tp, fp, pp, columns, step, y, 4 * columns, sp, bp, -0.5, Infinity, scratch);
    return { actual: machine.floats(y, rows * columns), expected };
  },
});

export const integerConv: Twin = {
  name: 'integerConv',
  cases: [
    ...[1, 3, 4, 5, 8, 9].flatMap((rows) => [1, 4, 7, 8, 9, 17].map((columns) => convCase(rows, 9, columns))),
    ...[1, 2, 3, 64, 65].map((k) => convCase(4, k, 12)),
    convCase(5, 1000, 700),
  ],
};

/** The largest of each row is `range` steps, a power of two each, so that rounding changes nothing. */
const linearCase = (count: number, inputs: number, outputs: number): TwinCase => ({
  what: `${count} × ${inputs} → ${outputs}`,
  // the sums are exact; they are scaled in float32
  tolerance: sumOf(2),
  run(machine, spoil) {
    const range = 1024;
    const levels = Int16Array.from(noise(outputs * inputs, 1), (v) => Math.round(127 * v));
    const factors = powers(inputs);
    const x = noise(count * inputs, 2).map((v, i) => (Math.round(1000 * v) * 2 ** (Math.floor(i / inputs) - 10)) / factors[i % inputs]!);
    for (let n = 0; n < count; n++) x[n * inputs] = (2 ** n * (n % 2 === 0 ? 1 : -1)) / factors[0]!;
    const even = Math.ceil(outputs / 4) * 4;
    const [scale, bias] = [noise(even, 3).map((v) => v / 128), noise(even, 4)];
    const expected = new Float64Array(count * outputs);
    for (let n = 0; n < count; n++)
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += levels[o * inputs + i]! * factors[i]! * x[n * inputs + i]!;
        expected[n * outputs + o] = Math.max(sum * scale[o]! + bias[o]!, -0.5);
      }
    spoil(x);
    spoil(bias);
    const width = Math.ceil(inputs / 8) * 8;
    const packed = new Int8Array(even * width);
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) packed[(o >> 2) * 4 * width + (i >> 3) * 32 + (o & 3) * 8 + (i & 7)] = levels[o * inputs + i]!;
    const [xp, fp, wp, sp, bp] = [x, factors, packed, scale, bias].map((values) => machine.put(values)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const { integerLinear, integerLinearScratch } = machine.exports;
    const y = machine.allocate(4 * count * outputs);
    const scratch = machine.allocate(integerLinearScratch(count, inputs));
    integerLinear(xp, count, inputs, fp, range, wp, outputs, sp, bp, -0.5, Infinity, y, scratch);
    return { actual: machine.floats(y, count * outputs), expected };
  },
});

export const integerLinear: Twin = {
  name: 'integerLinear',
  cases: [1, 2, 3].flatMap((count) =>
    [1, 7, 8, 9, 40].flatMap((inputs) => [1, 2, 3, 4, 5, 9].map((outputs) => linearCase(count, inputs, outputs))),
  ),
};
