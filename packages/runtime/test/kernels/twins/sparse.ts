/** Sparse products by the plainest loops. */
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

/** Rows of 0, 1, 2, … entries with offsets anywhere. */
interface Entries {
  readonly starts: Int32Array;
  readonly offsets: Uint32Array;
  readonly values: Float32Array;
}

function entriesOf(rows: number, reach: number): Entries {
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

function product(x: Float32Array, length: number, rows: number, made: Entries, bias: Float32Array): Float64Array {
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

/** As kernels read values of their own, a codebook, and the signs of one value. */
const kinds = ['floats', 'shared', 'signed'] as const;

function encoded(
  kind: (typeof kinds)[number],
  made: Entries,
): { starts: Int32Array; entries: Uint8Array | Uint32Array; values: Float32Array } {
  const { starts, offsets, values } = made;
  if (kind === 'floats') return { starts, entries: interleaved(offsets, values), values: Float32Array.of(0) };
  if (kind === 'shared')
    return { starts, entries: offsets.map((o, i) => (o << 8) | (codebook.indexOf(values[i]!) & 255)), values: codebook };
  const halves = new Int32Array(2 * starts.length - 1);
  const sorted: number[] = [];
  for (let r = 0; r + 1 < starts.length; r++)
    for (const above of [false, true]) {
      for (let i = starts[r]!; i < starts[r + 1]!; i++) if (values[i]! > 0 === above) sorted.push(4 * offsets[i]!);
      halves[2 * r + (above ? 2 : 1)] = sorted.length;
    }
  return { starts: halves, entries: Uint32Array.from(sorted), values: Float32Array.of(ratio) };
}

const codebook = Float32Array.of(0.5, -0.25, 0.75);
const ratio = 0.5;

const caseOf = (kind: (typeof kinds)[number], rows: number, length: number): TwinCase => ({
  what: `${kind}, ${rows} rows, ${length} pixels`,
  tolerance: sumOf(rows),
  run(machine, spoil) {
    const [x, bias, plain] = [noise(length + 50, 1), noise(rows, 2), entriesOf(rows, 50)];
    const few = (v: number, i: number): number => (kind === 'shared' ? codebook[i % 3]! : v < 0 ? -ratio : 1);
    const made = kind === 'floats' ? plain : { ...plain, values: plain.values.map(few) };
    const scale = new Float32Array(rows).fill(1);
    const expected = product(x, length, rows, made, bias);
    spoil(x);
    spoil(bias);
    const { starts, entries, values } = encoded(kind, made);
    const [xp, sp, bp, ep, vp] = [machine.put(x), machine.put(starts), machine.put(bias), machine.put(entries), machine.put(values)];
    const y = machine.allocate(4 * rows * length);
    // the last row comes first
    const order = machine.put(Int32Array.from({ length: rows }, (_, r) => rows - 1 - r));
    const sparse = machine.exports.sparse;
    sparse(kinds.indexOf(kind), vp, xp, length, rows, order, sp, ep, machine.put(scale), bp, -0.25, Infinity, y, 4 * length);
    return { actual: machine.floats(y, rows * length), expected };
  },
});

export const sparse: Twin = {
  name: 'sparse',
  cases: kinds.flatMap((kind) => [
    ...Array.from({ length: 70 }, (_, i) => caseOf(kind, 5, i + 1)),
    caseOf(kind, 12, 196),
    caseOf(kind, 2, 3136),
  ]),
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
      0,
      0,
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
      0,
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
