/** The transpose, number by number. */
import { equal, noise, type Twin, type TwinCase } from '../twin.js';

const caseOf = (rows: number, columns: number): TwinCase => ({
  what: `${rows} × ${columns}`,
  tolerance: equal,
  run(machine, spoil) {
    const x = noise(rows * columns, 1);
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
    spoil(x);
    const [from, to] = [machine.put(x), machine.allocate(4 * rows * columns)];
    machine.exports.flip(from, rows, columns, to);
    return { actual: machine.floats(to, rows * columns), expected };
  },
});

const edges = [1, 3, 4, 5, 8, 11];

export const flip: Twin = { name: 'flip', cases: edges.flatMap((rows) => edges.map((columns) => caseOf(rows, columns))) };
