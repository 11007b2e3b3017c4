/** Rows in slices of four, one to a lane: what assembly/kernels/sparse-vector.ts reads. */
import type { Rows } from './weights.js';

export interface Slices {
  /** Slice g has the entries starts[g] … starts[g + 1] − 1. */
  readonly starts: Int32Array;
  /** Each four offsets in bytes, then the bits of four values. */
  readonly entries: Int32Array;
  /** Where each lane's result goes, in bytes. */
  readonly places: Int32Array;
  readonly bias: Float32Array;
}

const lanes = 4;

export function packSlices({ starts, columns, values }: Rows, bias: Float32Array): Slices {
  const count = starts.length - 1;
  const lengthOf = (row: number): number => starts[row + 1]! - starts[row]!;
  // rows that keep about as many weights share a slice, so that little is filled up
  const order = Array.from({ length: count }, (_, row) => row).sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const groups = Math.ceil(count / lanes);
  const out = { starts: new Int32Array(groups + 1), places: new Int32Array(groups * lanes), bias: new Float32Array(groups * lanes) };
  for (let g = 0; g < groups; g++) {
    const longest = order[Math.min(count, (g + 1) * lanes) - 1]!;
    out.starts[g + 1] = out.starts[g]! + lengthOf(longest);
  }
  const entries = new Int32Array(2 * lanes * out.starts[groups]!);
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let g = 0; g < groups; g++)
    for (let lane = 0; lane < lanes; lane++) {
      const row = order[g * lanes + lane];
      out.places[g * lanes + lane] = 4 * (row ?? order[g * lanes]!);
      if (row === undefined) continue;
      out.bias[g * lanes + lane] = bias[row]!;
      for (let i = 0; i < lengthOf(row); i++) {
        const at = 2 * lanes * (out.starts[g]! + i) + lane;
        entries[at] = 4 * columns[starts[row]! + i]!;
        entries[at + lanes] = bits[starts[row]! + i]!;
      }
    }
  return { ...out, entries };
}
