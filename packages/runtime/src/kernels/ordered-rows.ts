/** Rows in another order than they come, and what of them goes along: by assembly/kernels/pack.ts. */
import type { Machine } from './machine.js';
import type { Rows } from './weights.js';

/** Within a group those of `perGroup` rows that keep fewer weights come first. Throws `limit.memory`. */
export function orderOf(machine: Machine, { starts, width }: Rows, perGroup: number): Int32Array {
  const rows = starts.length - 1;
  if (rows === 0) return new Int32Array(0);
  return machine.aside(() => {
    const [from, counts, order] = [machine.put(starts), machine.allocate(4 * (width + 2)), machine.allocate(4 * rows)];
    machine.exports.orderRows(from, rows, perGroup, width, counts, order);
    return machine.ints(order, rows).slice();
  });
}

export interface Ordered {
  readonly order: Int32Array;
  readonly starts: Int32Array;
  /** For each entry, which weight it is. */
  readonly source: Int32Array;
}

/** Throws `limit.memory`. */
export function ordered(machine: Machine, rows: Rows, perGroup: number): Ordered {
  const order = orderOf(machine, rows, perGroup);
  const [count, entries] = [order.length, rows.columns.length];
  return machine.aside(() => {
    const [from, by] = [machine.put(rows.starts), machine.put(order)];
    const [starts, source] = [machine.allocate(4 * (count + 1)), machine.allocate(4 * entries)];
    machine.exports.reorder(from, count, perGroup, by, starts, source);
    return { order, starts: machine.ints(starts, count + 1).slice(), source: machine.ints(source, entries).slice() };
  });
}

/** words[index[i]]. Throws `limit.memory`. */
export const picked = (machine: Machine, words: Uint32Array, index: Int32Array): Uint32Array =>
  machine.aside(() => {
    const [from, by, to] = [machine.put(words), machine.put(index), machine.allocate(4 * index.length)];
    machine.exports.lookUp(from, by, 4, index.length, to, 4);
    return machine.words(to, index.length).slice();
  });
