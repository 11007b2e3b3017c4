/** Kept weights as the sparse kernels read them: offset in bytes and value, side by side; rows by how many weights they keep. */
import type { Machine } from './machine.js';
import type { Rows } from './weights.js';

export interface Entries {
  readonly order: number;
  readonly starts: number;
  readonly entries: number;
  /** Where each weight looks, as a column of its row; in the order of the entries. */
  readonly columns: Uint32Array;
}

/** The order is one of each group of `perGroup` rows. The offsets are not written: they follow from the shape. Throws `limit.memory`. */
export function putEntries(machine: Machine, rows: Rows, perGroup: number): Entries {
  const count = rows.starts.length - 1;
  const lengthOf = (row: number): number => rows.starts[row + 1]! - rows.starts[row]!;
  const order = new Int32Array(count);
  const starts = new Int32Array(count + 1);
  const columns = new Uint32Array(rows.columns.length);
  const values = new Float32Array(2 * rows.values.length);
  let to = 0;
  for (let first = 0; first < count; first += perGroup) {
    const group = Array.from({ length: perGroup }, (_, i) => i).sort((a, b) => lengthOf(first + a) - lengthOf(first + b) || a - b);
    group.forEach((row, i) => {
      order[first + i] = row;
      for (let e = rows.starts[first + row]!; e < rows.starts[first + row + 1]!; e++, to++) {
        columns[to] = rows.columns[e]!;
        values[2 * to + 1] = rows.values[e]!;
      }
      starts[first + i + 1] = to;
    });
  }
  return { order: machine.put(order), starts: machine.put(starts), entries: machine.put(values), columns };
}

export function writeOffsets(machine: Machine, { entries, columns }: Entries, offset: (column: number) => number): void {
  const out = machine.ints(entries, 2 * columns.length);
  for (let i = 0; i < columns.length; i++) out[2 * i] = offset(columns[i]!);
}
