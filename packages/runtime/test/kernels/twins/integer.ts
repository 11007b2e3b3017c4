/** Integer products one by one, and the largest magnitude by looking at all. */
import { equal, noise, sumOf, type Twin, type TwinCase } from '../twin.js';

const largestCase = (count: number): TwinCase => ({
  what: `${count} numbers`,
  tolerance: equal,
  run(machine, spoil) {
    const x = noise(count, 1).map((v) => v - 0.5);
    const expected = [x.reduce((most, v) => Math.max(most, Math.abs(v)), 0)];
    spoil(x);
    return { actual: [machine.exports.largest(machine.put(x), count)], expected };
  },
});

export const largest: Twin = { name: 'largest', cases: [1, 3, 4, 5, 8, 9, 102].map(largestCase) };

/** Activations are whole multiples of the step, so that rounding changes nothing. */
const convCase = (rows: number, k: number, columns: number): TwinCase => ({
  what: `${rows}×${k}, ${columns} pixels`,
  // the sums are exact; they are scaled in float32
  tolerance: sumOf(2),
  run(machine, spoil) {
    const step = 2 ** -10;
    const levels = Int16Array.from(noise(rows * k, 1), (v) => Math.round(127 * v));
    const x = noise(columns + 60, 2).map((v) => Math.round(1000 * v) * step);
    const taps = Int32Array.from({ length: k }, (_, i) => 4 * ((i * 7) % 50));
    const pixels = Int32Array.from({ length: Math.ceil(columns / 8) * 8 }, (_, p) => 4 * Math.min(p, columns - 1));
    const even = Math.ceil(rows / 4) * 4;
    const [scale, bias] = [noise(even, 3).map((v) => v / 128), noise(even, 4)];
    const expected = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++)
      for (let p = 0; p < columns; p++) {
        let sum = 0;
        for (let i = 0; i < k; i++) sum += levels[r * k + i]! * x[(taps[i]! + pixels[p]!) / 4]!;
        expected[r * columns + p] = Math.max(sum * scale[r]! + bias[r]!, -0.5);
      }
    spoil(x);
    spoil(bias);
    const pairs = Math.ceil(k / 2);
    const panels = new Int16Array(even * pairs * 2);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < k; i++) panels[((r >> 2) * pairs + (i >> 1)) * 8 + (r & 3) * 2 + (i & 1)] = levels[r * k + i]!;
    const [wp, xp, tp, pp] = [machine.put(panels), machine.put(x), machine.put(taps), machine.put(pixels)];
    const [sp, bp, y] = [machine.put(scale), machine.put(bias), machine.allocate(4 * rows * columns)];
    const { integerConv, integerScratch } = machine.exports;
    const scratch = machine.allocate(integerScratch(k, columns));
    integerConv(wp, rows, k, xp, tp, pp, columns, step, y, 4 * columns, sp, bp, -0.5, Infinity, scratch);
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
