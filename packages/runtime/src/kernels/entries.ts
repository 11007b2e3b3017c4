/** Kept weights as the sparse kernels read them: offset in bytes and value, side by side. */
import type { Machine } from './machine.js';
import type { Rows } from './weights.js';

export interface Entries {
  readonly starts: number;
  readonly entries: number;
}

/** The offsets are not written: they follow from the shape. Throws `limit.memory`. */
export function putEntries(machine: Machine, { starts, values }: Rows): Entries {
  const at = machine.put(starts);
  const entries = machine.allocate(8 * values.length);
  const out = machine.floats(entries, 2 * values.length);
  for (let i = 0; i < values.length; i++) out[2 * i + 1] = values[i]!;
  return { starts: at, entries };
}

export function writeOffsets(machine: Machine, { entries }: Entries, { columns }: Rows, offset: (column: number) => number): void {
  const out = machine.ints(entries, 2 * columns.length);
  for (let i = 0; i < columns.length; i++) out[2 * i] = offset(columns[i]!);
}
