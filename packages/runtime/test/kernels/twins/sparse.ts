/** Sparse products by the plainest loops. */
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

/** Rows of 0, 1, 2, … entries with offsets anywhere. */
function entriesOf(rows: number, reach: number): { starts: Int32Array; offsets: Uint32Array; values: Float32Array } {
  const starts = Int32Array.from({ length: rows + 1 }, (_, r) => (r * (r - 1)) / 2);
  const count = starts[rows]!;
  return { starts, offsets: Uint32Array.from({ length: count }, (_, i) => (i * 11) % reach), values: noise(count, 4) };
}

/** As the kernel reads them: offset in bytes, value. */
function interleaved(offsets: Uint32Array, values: Float32Array): Uint8Array {
  const out = new Uint8Array(8 * values.length);
  const view = new DataView(out.buffer);
  for (let i = 0; i < values.length; i++) {
    view.setUint32(8 * i, 4 * offsets[i]!, true);
    view.setFloat32(8 * i + 4, values[i]!, true);
  }
  return out;
}

function product(x: Float32Array, length: number, rows: number, made: ReturnType<typeof entriesOf>, bias: Float32Array): Float64Array {
  const y = new Float64Array(rows * length);
  for (let r = 0; r < rows; r++)
    for (let p = 0; p < length; p++) {
      const row = rows - 1 - r;
      let sum = bias[row]!;
      for (let i = made.starts[r]!; i < made.starts[r + 1]!; i++) sum += made.values[i]! * x[made.offsets[i]! + p]!;
      y[row * length + p] = Math.max(sum, -0.25);
    }
  return y;
}

const caseOf = (rows: number, length: number): TwinCase => ({
  what: `${rows} rows, ${length} pixels`,
  tolerance: sumOf(rows),
  run(machine, spoil) {
    const [x, bias, made] = [noise(length + 50, 1), noise(rows, 2), entriesOf(rows, 50)];
    const expected = product(x, length, rows, made, bias);
    spoil(x);
    spoil(bias);
    const [xp, sp, bp] = [machine.put(x), machine.put(made.starts), machine.put(bias)];
    const ep = machine.put(interleaved(made.offsets, made.values));
    const y = machine.allocate(4 * rows * length);
    // the last row comes first
    const order = machine.put(Int32Array.from({ length: rows }, (_, r) => rows - 1 - r));
    machine.exports.sparse(xp, length, rows, order, sp, ep, bp, -0.25, Infinity, y, 4 * length);
    return { actual: machine.floats(y, rows * length), expected };
  },
});

export const sparse: Twin = {
  name: 'sparse',
  cases: [...Array.from({ length: 70 }, (_, i) => caseOf(5, i + 1)), caseOf(12, 196), caseOf(1, 3136)],
};

/** Groups of two planes 3 × 4 with a row of zeros around, three outputs each; rows of the spread planes are 5 apart. */
const grouped = (outWidth: number): TwinCase => ({
  what: `two groups, ${outWidth} columns`,
  tolerance: sumOf(9),
  run(machine, spoil) {
    const [groups, channels, rows, height, width, outHeight, pitch, planeRows] = [2, 2, 3, 3, 4, 3, 5, 6];
    const [x, bias] = [noise(groups * channels * height * width, 1), noise(groups * rows, 2)];
    const one = entriesOf(groups * rows, 9);
    const made = { ...one, offsets: one.offsets.map((o) => Math.floor(o / 3) * pitch + (o % 3)) };
    const padded = new Float32Array(channels * planeRows * pitch);
    const expected: number[] = [];
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < channels; c++)
        for (let r = 0; r < height; r++)
          for (let i = 0; i < width; i++)
            padded[(c * planeRows + r + 1) * pitch + i + 1] = x[((g * channels + c) * height + r) * width + i]!;
      for (let r = g * rows; r < (g + 1) * rows; r++)
        for (let oy = 0; oy < outHeight; oy++)
          for (let ox = 0; ox < outWidth; ox++) {
            let sum = bias[r]!;
            for (let i = made.starts[r]!; i < made.starts[r + 1]!; i++)
              sum += made.values[i]! * padded[made.offsets[i]! + oy * pitch + ox]!;
            expected.push(sum);
          }
    }
    spoil(x);
    const [xp, sp, bp, ep] = [
      machine.put(x),
      machine.put(made.starts),
      machine.put(bias),
      machine.put(interleaved(made.offsets, made.values)),
    ];
    const order = machine.put(Int32Array.from({ length: groups * rows }, (_, r) => r % rows));
    const y = machine.allocate(4 * expected.length);
    const scratch = machine.allocate(4096);
    const [planeBytes, low, high] = [4 * planeRows * pitch, -Infinity, Infinity];
    const call = machine.exports.sparseConv;
    call(
      xp,
      groups,
      channels,
      rows,
      height,
      width,
      1,
      1,
      1,
      1,
      pitch,
      planeBytes,
      planeRows,
      outHeight,
      outWidth,
      order,
      sp,
      ep,
      bp,
      low,
      high,
      y,
      scratch,
    );
    return { actual: machine.floats(y, expected.length), expected };
  },
});

export const sparseConv: Twin = { name: 'sparseConv', cases: [grouped(4), grouped(5)] };
