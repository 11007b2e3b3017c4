/** The implicit product by three loops over tables of places. */
import { packPanels, panelLength, rowNumbers } from '../../../src/kernels/panels.js';
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

/** `step` from one pixel to the next; `across` of them to a row, then a gap. */
function caseOf(rows: number, k: number, columns: number, step: number, across: number): TwinCase {
  return {
    what: `${rows}×${k}, ${columns} pixels ${step} apart in rows of ${across}`,
    tolerance: sumOf(k),
    run(machine, spoil) {
      const taps = Int32Array.from({ length: k }, (_, i) => 4 * ((i * 7) % 50));
      const pixels = Int32Array.from({ length: Math.ceil(columns / 8) * 8 }, (_, p) => {
        const at = Math.min(p, columns - 1);
        return 4 * (at * step + 3 * Math.floor(at / across));
      });
      const [a, x, bias] = [noise(rows * k, 1), noise(60 + columns * (step + 3), 2), noise(rows, 3)];
      const expected = new Float64Array(rows * columns);
      for (let r = 0; r < rows; r++)
        for (let p = 0; p < columns; p++) {
          let sum = bias[r]!;
          for (let i = 0; i < k; i++) sum += a[r * k + i]! * x[(taps[i]! + pixels[p]!) / 4]!;
          expected[r * columns + p] = sum;
        }
      spoil(x);
      const packed = new Float32Array(panelLength(rows, k));
      packPanels(a, rows, k, packed);
      const [ap, xp, tp, pp] = [machine.put(packed), machine.put(x), machine.put(taps), machine.put(pixels)];
      const bp = machine.put(rowNumbers(rows, bias));
      const y = machine.allocate(4 * rows * columns);
      const scratch = machine.allocate(machine.exports.gemmScratch(k, columns));
      machine.exports.conv(ap, rows, k, xp, tp, pp, columns, y, 4 * columns, bp, -Infinity, Infinity, scratch);
      return { actual: machine.floats(y, rows * columns), expected };
    },
  };
}

export const conv: Twin = {
  name: 'conv',
  cases: [
    ...[1, 3, 4, 6, 7, 10].flatMap((rows) => [1, 5, 8, 13].map((columns) => caseOf(rows, 9, columns, 1, 100))),
    ...[1, 3, 4, 7, 8, 14].map((across) => caseOf(6, 9, 40, 1, across)),
    caseOf(6, 27, 33, 2, 7),
    ...[383, 384, 385, 1000].map((k) => caseOf(5, k, 300, 1, 20)),
  ],
};
