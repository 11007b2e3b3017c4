/** The dense product by three loops. */
import { packPanels, panelLength, rowNumbers } from '../../../src/kernels/panels.js';
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

function caseOf(rows: number, k: number, columns: number, low = -Infinity, high = Infinity): TwinCase {
  return {
    what: `${rows}×${k}·${k}×${columns} in ${low} … ${high}`,
    tolerance: sumOf(k),
    run(machine, spoil) {
      const [a, x, bias] = [noise(rows * k, 1), noise(k * columns, 2), noise(rows, 3)];
      const expected = new Float64Array(rows * columns);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          let sum = bias[r]!;
          for (let i = 0; i < k; i++) sum += a[r * k + i]! * x[i * columns + c]!;
          expected[r * columns + c] = Math.min(Math.max(sum, low), high);
        }
      if (k > 0) spoil(x);
      else spoil(bias);
      const packed = new Float32Array(panelLength(rows, k));
      packPanels(a, rows, k, packed);
      const [ap, xp, bp] = [machine.put(packed), machine.put(x), machine.put(rowNumbers(rows, bias))];
      const y = machine.allocate(4 * rows * columns);
      const scratch = machine.allocate(machine.exports.gemmScratch(k, columns));
      machine.exports.gemm(ap, rows, k, xp, 4 * columns, columns, y, 4 * columns, bp, low, high, scratch);
      return { actual: machine.floats(y, rows * columns), expected };
    },
  };
}

const edges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 17];

export const gemm: Twin = {
  name: 'gemm',
  cases: [
    ...edges.flatMap((rows) => [1, 4, 7, 8, 9, 16, 19].map((columns) => caseOf(rows, 5, columns))),
    ...[0, 1, 383, 384, 385, 800].map((k) => caseOf(7, k, 11)),
    caseOf(13, 400, 1500),
    caseOf(10, 20, 30, 0, 0.5),
  ],
};
