/** What packing computes, list by list. */

import type { KernelExports } from '../../../src/kernels/exports.js';
import type { Machine } from '../../../src/kernels/machine.js';
import { equal, noise, type Twin } from '../twin.js';

/** Weights of a matrix by row: about a third of each is kept, none of the third row. */
interface Kept {
  readonly rows: number;
  readonly width: number;
  readonly lists: readonly (readonly number[])[];
}

const edges: readonly Kept[] = [1, 2, 3, 4, 5, 8, 13].map((rows) => {
  const width = 17;
  const chance = noise(rows * width, rows);
  const row = (r: number): number[] =>
    Array.from({ length: width }, (_, c) => c).filter((c) => r !== 2 && chance[r * width + c]! > 0.3 - r / 9);
  return { rows, width, lists: Array.from({ length: rows }, (_, r) => row(r)) };
});

const startsOf = (lists: Kept['lists']): Int32Array => {
  const starts = new Int32Array(lists.length + 1);
  for (const [r, list] of lists.entries()) starts[r + 1] = starts[r]! + list.length;
  return starts;
};
const columnsOf = ({ lists }: Kept): Int32Array => Int32Array.from(lists.flat());
/** Rows in groups, by how many weights they keep; equal ones as they come. */
const ordered = ({ lists, rows }: Kept, perGroup: number): number[] =>
  Array.from({ length: rows }, (_, r) => r).sort(
    (a, b) => Math.floor(a / perGroup) - Math.floor(b / perGroup) || lists[a]!.length - lists[b]!.length || a - b,
  );

type Spoil = (values: Float32Array | Int32Array | Uint8Array) => void;
const twin = (
  name: keyof KernelExports,
  run: (kept: Kept, machine: Machine, spoil: Spoil) => { actual: ArrayLike<number>; expected: ArrayLike<number> },
  list: readonly Kept[] = edges,
): Twin => ({
  name,
  cases: list.map((kept) => ({ what: `${kept.rows} rows`, tolerance: equal, run: (machine, spoil) => run(kept, machine, spoil) })),
});

export const splitRows = twin('splitRows', (kept, machine, spoil) => {
  const positions = Int32Array.from(kept.lists.flatMap((list, r) => list.map((c) => r * kept.width + c)));
  const expected = [...columnsOf(kept), ...startsOf(kept.lists)];
  spoil(positions);
  const [at, starts] = [machine.put(positions), machine.allocate(4 * (kept.rows + 1))];
  machine.exports.splitRows(at, positions.length, kept.rows, kept.width, starts);
  return { actual: [...machine.ints(at, positions.length), ...machine.ints(starts, kept.rows + 1)], expected };
});

export const lookUp = twin('lookUp', ({ rows }, machine, spoil) => {
  const book = noise(9, 5);
  const index = Uint16Array.from({ length: 3 * rows }, (_, i) => (i * 5) % 9);
  const expected = [...index].map((i) => book[i]!);
  spoil(book);
  const [from, narrow, wide, out] = [
    machine.put(book),
    machine.put(index),
    machine.put(Int32Array.from(index)),
    machine.allocate(64 * rows),
  ];
  machine.exports.lookUp(from, narrow, 2, index.length, out, 4);
  machine.exports.lookUp(from, wide, 4, index.length, out + 16 * rows, 8);
  const twice = machine.floats(out + 16 * rows, 2 * index.length).filter((_, i) => i % 2 === 0);
  return { actual: [...machine.floats(out, index.length), ...twice], expected: [...expected, ...expected] };
});

export const scaleRows = twin('scaleRows', (kept, machine, spoil) => {
  const [values, scale] = [noise(kept.lists.flat().length, 1), noise(kept.rows, 2)];
  const expected = kept.lists.flatMap((list, r) => list.map((_, i) => Math.fround(values[startsOf(kept.lists)[r]! + i]! * scale[r]!)));
  spoil(values);
  const at = machine.put(values);
  machine.exports.scaleRows(at, machine.put(startsOf(kept.lists)), kept.rows, machine.put(scale));
  return { actual: machine.floats(at, values.length), expected };
});

/** The lists, or where what is handed over is spoiled others: the last comes first, and none is empty. */
function handed(lists: Kept['lists'], spoil: Spoil): Kept['lists'] {
  const spoiled = Int32Array.of(0);
  spoil(spoiled);
  return spoiled[0] === 0 ? lists : lists.toReversed().map((list) => [0, ...list.slice(0, 16)]);
}

/** One group, or several of as many rows. */
const groupings = (rows: number): number[] => [rows, 1, 2, 4].filter((perGroup) => rows % perGroup === 0);

export const orderRows = twin(
  'orderRows',
  (kept, machine, spoil) => {
    const expected = groupings(kept.rows).flatMap((perGroup) => ordered(kept, perGroup).map((r) => r % perGroup));
    const from = machine.put(startsOf(handed(kept.lists, spoil)));
    const [order, counts] = [machine.allocate(4 * kept.rows), machine.allocate(4 * (kept.width + 2))];
    const actual = groupings(kept.rows).flatMap((perGroup) => {
      machine.exports.orderRows(from, kept.rows, perGroup, kept.width, counts, order);
      return [...machine.ints(order, kept.rows)];
    });
    return { actual, expected };
  },
  edges.slice(1),
);

export const reorder = twin('reorder', (kept, machine, spoil) => {
  const order = Int32Array.from(ordered(kept, kept.rows));
  const starts = startsOf(kept.lists);
  const sources = [...order].map((r) => kept.lists[r]!.map((_, i) => starts[r]! + i));
  const expected = [...startsOf(sources), ...sources.flat()];
  const given = Int32Array.from(starts);
  spoil(given);
  const [ends, source] = [machine.allocate(4 * (kept.rows + 1)), machine.allocate(4 * (expected.length + kept.rows))];
  machine.exports.reorder(machine.put(given), kept.rows, kept.rows, machine.put(order), ends, source);
  return { actual: [...machine.ints(ends, kept.rows + 1), ...machine.ints(source, sources.flat().length)], expected };
});

export const sliceStarts = twin('sliceStarts', (kept, machine, spoil) => {
  const order = ordered(kept, kept.rows);
  const longest = Array.from({ length: Math.ceil(kept.rows / 4) }, (_, g) =>
    Math.max(...order.slice(4 * g, 4 * g + 4).map((r) => kept.lists[r]!.length)),
  );
  const slices = longest.map((_, g) => longest.slice(0, g + 1).reduce((a, b) => a + b, 0));
  const expected = [0, ...slices, slices.at(-1)!];
  const starts = startsOf(handed(kept.lists, spoil));
  const out = machine.allocate(4 * (slices.length + 1));
  const steps = machine.exports.sliceStarts(machine.put(starts), kept.rows, machine.put(Int32Array.from(order)), out);
  return { actual: [...machine.ints(out, slices.length + 1), steps], expected };
});

export const slice = twin('slice', (kept, machine, spoil) => {
  const { rows, lists } = kept;
  const order = ordered(kept, rows);
  const starts = startsOf(lists);
  const [values, bias] = [noise(lists.flat().length, 3), noise(rows, 4)];
  const groups = Math.ceil(rows / 4);
  const slices = new Int32Array(groups + 1);
  for (let g = 0; g < groups; g++) slices[g + 1] = slices[g]! + Math.max(...order.slice(4 * g, 4 * g + 4).map((r) => lists[r]!.length));
  const entries = new Float32Array(8 * slices[groups]!);
  const columns = new Int32Array(entries.buffer);
  const lanes = Array.from({ length: 4 * groups }, (_, i) => order[i]);
  for (const [i, r] of lanes.entries())
    for (const [k, column] of (r === undefined ? [] : lists[r]!).entries()) {
      const at = 8 * (slices[i >> 2]! + k) + (i & 3);
      columns[at] = 4 * column;
      entries[at + 4] = values[starts[r!]! + k]!;
    }
  const places = lanes.map((r, i) => 4 * (r ?? order[i & ~3]!));
  const expected = [...columns, ...places, ...lanes.map((r) => (r === undefined ? 0 : bias[r]!))];
  const given = columnsOf(kept);
  spoil(given);
  spoil(bias);
  const out = machine.put(new Float32Array(entries.length));
  const [to, biases] = [machine.allocate(16 * groups), machine.allocate(16 * groups)];
  const from = [machine.put(starts), rows, machine.put(Int32Array.from(order)), machine.put(given), machine.put(values)] as const;
  machine.exports.slice(...from, machine.put(bias), machine.put(slices), out, to, biases);
  return {
    actual: [...machine.ints(out, entries.length), ...machine.ints(to, 4 * groups), ...machine.floats(biases, 4 * groups)],
    expected,
  };
});

export const putOffsets = twin('putOffsets', (kept, machine, spoil) => {
  const columns = columnsOf(kept);
  const offsets = Int32Array.from({ length: kept.width }, (_, c) => 4 * c * c);
  const before = Int32Array.from({ length: 2 * columns.length }, (_, i) => 1000 + i);
  const plain = Int32Array.from(before);
  const beside = Int32Array.from(before);
  for (const [i, c] of columns.entries()) {
    plain[2 * i] = offsets[c]!;
    beside[i] = (offsets[c]! << 6) | (before[i]! & 255);
  }
  const largest = Math.max(...[...columns].map((c) => offsets[c]!));
  spoil(offsets);
  const [from, by] = [machine.put(columns), machine.put(offsets)];
  const [a, b] = [machine.put(before), machine.put(before)];
  const found = [
    machine.exports.putOffsets(from, columns.length, by, 0, 0, a, 8),
    machine.exports.putOffsets(from, columns.length, by, 6, 255, b, 4),
  ];
  return {
    actual: [...machine.ints(a, plain.length), ...machine.ints(b, beside.length), ...found],
    expected: [...plain, ...beside, largest, largest],
  };
});
