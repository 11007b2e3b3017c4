/** Elements that go elsewhere: copies between strides, slices by index, planes of another size. */
import { copying } from '../../../src/operators/copy.js';
import { stridesOf } from '../../../src/operators/walk.js';
import { equal, noise, sumOf, type Twin, type TwinCase } from '../twin.js';

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/** Axes of x in the order in which y has them. */
function turned(dims: readonly number[], perm: readonly number[]): TwinCase & { readonly kernel: string } {
  const own = stridesOf(dims);
  const outDims = perm.map((axis) => dims[axis]!);
  const { kernel, table, run } = copying({ dims: outDims, strides: [perm.map((axis) => own[axis]!), stridesOf(outDims)] });
  return {
    kernel,
    what: `[${dims}] as [${outDims}]`,
    tolerance: equal,
    run(machine, spoil) {
      const x = noise(sizeOf(dims), 1);
      const expected = Float32Array.from(x, (_, flat) => {
        let at = 0;
        for (let axis = outDims.length - 1, rest = flat; axis >= 0; axis--) {
          at += (rest % outDims[axis]!) * own[perm[axis]!]!;
          rest = Math.floor(rest / outDims[axis]!);
        }
        return x[at]!;
      });
      spoil(x);
      const [walk, p, y] = [machine.put(table), machine.put(x), machine.allocate(4 * x.length)];
      run(machine.exports, walk, p, y);
      return { actual: machine.floats(y, x.length), expected };
    },
  };
}

const lengths = [1, 3, 4, 5, 8, 11];
const turns = [
  ...lengths.flatMap((rows) => lengths.map((columns) => turned([2, rows, columns], [0, 2, 1]))),
  ...lengths.flatMap((n) => [turned([3, 5, n], [1, 0, 2]), turned([2, 3, n, 4], [3, 1, 0, 2]), turned([7, n, 9], [2, 1, 0])]),
  turned([2, 3, 80], [1, 0, 2]),
];

export const copy: Twin = { name: 'copy', cases: turns.filter(({ kernel }) => kernel === 'copy') };
export const copyTurned: Twin = { name: 'copyTurned', cases: turns.filter(({ kernel }) => kernel === 'transpose') };

export const take: Twin = {
  name: 'take',
  cases: [1, 2, 5].flatMap((run) =>
    [1, 3].map(
      (outer): TwinCase => ({
        what: `${outer} times slices of ${run}`,
        tolerance: equal,
        run(machine, spoil) {
          const size = 6;
          const [x, index] = [noise(outer * size * run, 1), Int32Array.of(0, 5, -1, -6, 2)];
          const expected = Array.from({ length: outer }, (_, o) =>
            Array.from(index, (i) => {
              const from = (o * size + ((i + size) % size)) * run;
              return Array.from(x.subarray(from, from + run));
            }),
          ).flat(2);
          spoil(x);
          const [p, at, y] = [machine.put(x), machine.put(index), machine.allocate(4 * expected.length)];
          const wrong = machine.exports.take(p, at, y, outer, size, run, index.length);
          machine.ints(at, 2)[1] = size;
          // the second index is beyond the end now
          const found = machine.exports.take(p, at, y, outer, size, run, index.length);
          return { actual: [...machine.floats(y, expected.length), wrong, found], expected: [...expected, -1, 1] };
        },
      }),
    ),
  ),
};

const [planes, height, width] = [2, 4, 5];

export const resizeNearest: Twin = {
  name: 'resizeNearest',
  cases: [1, 4, 9].map(
    (across): TwinCase => ({
      what: `${across} columns`,
      tolerance: equal,
      run(machine, spoil) {
        const [x, rows] = [noise(planes * height * width, 1), Int32Array.of(3, 0, 1)];
        const columns = Int32Array.from({ length: across }, (_, c) => (3 * c + 1) % width);
        const expected = Array.from({ length: planes }, (_, p) =>
          Array.from(rows, (r) => Array.from(columns, (c) => x[(p * height + r) * width + c]!)),
        ).flat(2);
        spoil(x);
        const [from, y, down, right] = [machine.put(x), machine.allocate(4 * expected.length), machine.put(rows), machine.put(columns)];
        machine.exports.resizeNearest(from, y, planes, height, width, rows.length, across, down, right);
        return { actual: machine.floats(y, expected.length), expected };
      },
    }),
  ),
};

const weightedCase = (across: number, taps: number): TwinCase => ({
  what: `${across} columns, ${taps} neighbours`,
  tolerance: sumOf(taps * taps),
  run(machine, spoil) {
    const x = noise(planes * height * width, 1);
    const along = (count: number, size: number, seed: number) => {
      const weights = noise(count * taps, seed);
      return Array.from({ length: count }, (_, i) => ({
        places: Array.from({ length: taps }, (_, t) => (3 * i + 2 * t) % size),
        weights: weights.subarray(i * taps, (i + 1) * taps),
      }));
    };
    const [rows, columns] = [along(3, height, 2), along(across, width, 3)];
    const expected = Array.from({ length: planes }, (_, p) =>
      rows.map((row) =>
        columns.map((column) => {
          let sum = 0;
          row.places.forEach((r, i) => {
            column.places.forEach((c, k) => {
              sum += row.weights[i]! * column.weights[k]! * x[(p * height + r) * width + c]!;
            });
          });
          return sum;
        }),
      ),
    ).flat(2);
    spoil(x);
    const table = (of: typeof rows): number =>
      machine.put(Int32Array.from(of.flatMap(({ places, weights }) => [...places, ...new Int32Array(weights.slice().buffer)])));
    const [from, y] = [machine.put(x), machine.allocate(4 * expected.length)];
    const [down, right, line] = [table(rows), table(columns), machine.allocate(4 * width + 16)];
    machine.exports.resizeWeighted(from, y, planes, height, width, rows.length, across, down, right, taps, line);
    return { actual: machine.floats(y, expected.length), expected };
  },
});

export const resizeWeighted: Twin = {
  name: 'resizeWeighted',
  cases: [1, 4, 9].flatMap((across) => [2, 4].map((taps) => weightedCase(across, taps))),
};
