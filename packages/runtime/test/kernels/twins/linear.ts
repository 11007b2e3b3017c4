/** Products of rows by three loops: with constant weights in strips, with kept weights in slices, and of two matrices of activations. */
import { packStrips, stripLength } from '../../../src/kernels/panels.js';
import { packSlices } from '../../../src/kernels/slices.js';
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

/** c [m][n] = a [m][k] · b, element (i, j) of b by its place. */
function product(a: Float32Array, b: (i: number, j: number) => number, m: number, k: number, n: number, bias?: Float32Array): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = bias ? bias[column]! : 0;
    for (let i = 0; i < k; i++) sum += a[row * k + i]! * b(i, column);
    return sum;
  });
}

/** By `linear`, or by `linearVector` where there is one row. */
function linearCase(kernel: 'linear' | 'linearVector', count: number, inputs: number, outputs: number): TwinCase {
  return {
    what: `${count} × ${inputs} → ${outputs}`,
    tolerance: sumOf(inputs),
    run(machine, spoil) {
      const [x, w, bias] = [noise(count * inputs, 1), noise(inputs * outputs, 2), noise(Math.ceil(outputs / 32) * 32, 3)];
      const expected = product(x, (i, o) => w[o * inputs + i]!, count, inputs, outputs, bias).map((v) => Math.max(v, -0.75));
      spoil(x);
      spoil(bias);
      const strips = new Float32Array(stripLength(outputs, inputs));
      packStrips((first, count) => w.subarray(first * inputs, (first + count) * inputs), outputs, inputs, strips);
      const [xp, wp, bp, y] = [machine.put(x), machine.put(strips), machine.put(bias), machine.allocate(4 * count * outputs)];
      const { linear, linearScratch, linearVector } = machine.exports;
      if (kernel === 'linearVector')
        for (let first = 0; first < outputs; first += 32)
          linearVector(xp, inputs, wp, outputs, first, Math.min(outputs, first + 32), bp, -0.75, Infinity, y);
      else linear(xp, count, inputs, wp, outputs, bp, -0.75, Infinity, y, machine.allocate(linearScratch(count, inputs)));
      return { actual: machine.floats(y, count * outputs), expected };
    },
  };
}

const outputs = [1, 2, 3, 4, 7, 8, 9, 13, 16, 24, 31, 32, 33, 70];

export const linear: Twin = {
  name: 'linear',
  cases: [
    ...[1, 2, 3, 4, 5, 6, 7, 10, 12].flatMap((count) => outputs.map((o) => linearCase('linear', count, 5, o))),
    ...[0, 1, 383, 384, 385, 800].map((inputs) => linearCase('linear', 5, inputs, 11)),
    linearCase('linear', 8, 400, 300),
  ],
};

export const linearVector: Twin = {
  name: 'linearVector',
  cases: [
    ...outputs.map((o) => linearCase('linearVector', 1, 5, o)),
    ...[0, 1, 384, 385, 800].map((inputs) => linearCase('linearVector', 1, inputs, 45)),
  ],
};

const sliceCase = (rows: number): TwinCase => ({
  what: `${rows} rows`,
  tolerance: sumOf(rows),
  run(machine, spoil) {
    const inputs = 30;
    const starts = Int32Array.from({ length: rows + 1 }, (_, r) => (r * (r - 1)) / 2);
    const [values, x, bias] = [noise(starts[rows]!, 1), noise(inputs, 2), noise(rows, 3)];
    const columns = Uint32Array.from(values, (_, i) => (i * 7) % inputs);
    const expected = Float64Array.from(bias, (b, r) => {
      let sum = b;
      for (let i = starts[r]!; i < starts[r + 1]!; i++) sum += values[i]! * x[columns[i]!]!;
      return Math.max(sum, -0.5);
    });
    spoil(x);
    spoil(bias);
    const slices = packSlices(machine, { width: inputs, starts, columns, values }, bias);
    const [xp, y] = [machine.put(x), machine.allocate(4 * rows)];
    machine.exports.sparseVector(xp, slices.groups, slices.starts, slices.entries, slices.places, slices.bias, -0.5, Infinity, y);
    return { actual: machine.floats(y, rows), expected };
  },
});

export const sparseVector: Twin = { name: 'sparseVector', cases: [1, 2, 3, 4, 5, 8, 11].map(sliceCase) };

const matmulCase = (m: number, k: number, n: number): TwinCase => ({
  what: `${m} × ${k} · ${k} × ${n}`,
  tolerance: sumOf(k),
  run(machine, spoil) {
    const [a, b] = [noise(m * k, 1), noise(k * n, 2)];
    const expected = product(a, (i, j) => b[i * n + j]!, m, k, n);
    spoil(a);
    const [ap, bp, c] = [machine.put(a), machine.put(b), machine.allocate(4 * m * n)];
    machine.exports.matmul(ap, bp, m, k, n, c, machine.allocate(machine.exports.matmulScratch(m, k, n)));
    return { actual: machine.floats(c, m * n), expected };
  },
});

const edges = [1, 3, 4, 6, 7, 8, 9];

export const matmul: Twin = {
  name: 'matmul',
  cases: [...edges.flatMap((m) => edges.map((n) => matmulCase(m, 5, n))), ...[1, 384, 385, 800].map((k) => matmulCase(7, k, 11))],
};
