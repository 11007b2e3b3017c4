/** Rows in slices of four, one to a lane: what assembly/kernels/sparse-vector.ts reads. */
import type { Machine } from './machine.js';
import { orderOf } from './ordered-rows.js';
import type { Rows } from './weights.js';

/** Pointers, as the kernel takes them. */
export interface Slices {
  readonly groups: number;
  readonly starts: number;
  readonly entries: number;
  readonly places: number;
  readonly bias: number;
}

const lanes = 4;

/** Rows that keep about as many weights share a slice, so that little is filled up. Throws `limit.memory`. */
export function packSlices(machine: Machine, rows: Rows, bias: Float32Array): Slices {
  const count = rows.starts.length - 1;
  const order = orderOf(machine, rows, count);
  const { sliceStarts, slice, fill } = machine.exports;
  const groups = Math.ceil(count / lanes);
  const starts = machine.allocate(4 * (groups + 1));
  const steps = machine.aside(() => sliceStarts(machine.put(rows.starts), count, machine.put(order), starts));
  const entries = machine.allocate(8 * lanes * steps);
  const places = machine.allocate(4 * groups * lanes);
  const biases = machine.allocate(4 * groups * lanes);
  fill(entries, 2 * lanes * steps, 0);
  machine.aside(() => {
    const [from, by, columns, values] = [machine.put(rows.starts), machine.put(order), machine.put(rows.columns), machine.put(rows.values)];
    slice(from, count, by, columns, values, machine.put(bias), starts, entries, places, biases);
  });
  return { groups, starts, entries, places, bias: biases };
}
