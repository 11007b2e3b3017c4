/** Operands whose shapes broadcast, element by element. */
import { collapsed, repeating, tableOf } from '../../../src/operators/walk.js';
import { equal, noise, type Tolerance, type Twin, type TwinCase } from '../twin.js';
import { joined } from './joined.js';

type Shapes = readonly [dims: readonly number[], ...operands: (readonly number[])[]];

/** Rows of all lengths around a vector, and each way in which two shapes can meet. */
const pairs: readonly Shapes[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9].map(
    (n): Shapes => [
      [2, n],
      [2, n],
      [2, n],
    ],
  ),
  ...[1, 3, 4, 6].flatMap((n): Shapes[] => [
    [[2, 3, n], [2, 3, n], [n]],
    [
      [2, 3, n],
      [3, 1],
      [2, 3, n],
    ],
    [
      [2, 3, n],
      [2, 1, n],
      [3, 1],
    ],
    [[2, 3, n], [2, 3, n], [1]],
  ]),
];

const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** For each element of the result its places in the operands. */
function placesOf([dims, ...operands]: Shapes): number[][] {
  const strides = operands.map((own) => repeating(own, dims));
  return Array.from({ length: sizeOf(dims) }, (_, flat) =>
    strides.map((list) => {
      let at = 0;
      for (let axis = dims.length - 1, rest = flat; axis >= 0; axis--) {
        at += (rest % dims[axis]!) * list[axis]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      return at;
    }),
  );
}

interface Function {
  readonly what: string;
  readonly of: (...operands: readonly number[]) => number;
  readonly call: (kernels: Parameters<TwinCase['run']>[0]['exports'], walk: number, x: readonly number[], y: number) => void;
  readonly whole?: { readonly operands?: boolean; readonly result?: boolean };
  readonly tolerance?: Tolerance;
}

function cased({ what, of, call, whole = {}, tolerance = equal }: Function, shapes: readonly Shapes[]): TwinCase[] {
  return shapes.map((given): TwinCase => {
    const [dims, ...operands] = given;
    return {
      what: `${what} of ${operands.map((own) => `[${own}]`).join(' and ')}`,
      tolerance,
      run(machine, spoil) {
        // small, so that spoiling changes what is equal and what is not; never 0, which nothing is divided by
        const numbers = operands.map((own, i) =>
          noise(sizeOf(own), i + 1).map((x) => (whole.operands ? Math.trunc(3 * x) || (i === 0 && operands.length > 2 ? -1 : 1) : x)),
        );
        const lists = numbers.map((list) => (whole.operands ? Int32Array.from(list) : list));
        const places = placesOf(given);
        const right = places.map((at) => of(...at.map((place, i) => lists[i]![place]!)));
        const expected = whole.result ? Int32Array.from(right) : Float32Array.from(right);
        for (const list of lists) spoil(list.subarray(0, list === lists[0] ? list.length : 0));
        const axes = { dims, strides: operands.map((own) => repeating(own, dims)) };
        const [walk, y] = [machine.put(tableOf(collapsed(axes))), machine.allocate(4 * places.length)];
        call(
          machine.exports,
          walk,
          lists.map((list) => machine.put(list)),
          y,
        );
        return { actual: whole.result ? machine.ints(y, places.length) : machine.floats(y, places.length), expected };
      },
    };
  });
}

const [low, high] = [-0.75, 1.5];
const held = (x: number): number => Math.min(Math.max(x, low), high);
const { fround } = Math;
const reals: readonly (readonly [what: string, of: (a: number, b: number) => number])[] = [
  ['sums', (a, b) => a + b],
  ['differences', (a, b) => a - b],
  ['products', (a, b) => a * b],
  ['quotients', (a, b) => a / b],
  ['smaller ones', Math.min],
  ['larger ones', Math.max],
  ['slopes below 0', (a, b) => (a < 0 ? a * b : a)],
];
export const binary: Twin = {
  name: 'binary',
  cases: reals.map(([what, of], f) =>
    joined(
      what,
      cased({ what, of: (a, b) => held(fround(of(a!, b!))), call: (k, walk, [a, b], y) => k.binary(f, walk, a!, b!, y, low, high) }, pairs),
    ),
  ),
};

const order: readonly (readonly [what: string, f: number, of: (a: number, b: number) => number])[] = [
  ['equal ones', 7, (a, b) => Number(a === b)],
  ['lesser ones', 8, (a, b) => Number(a < b)],
  ['greater ones', 9, (a, b) => Number(a > b)],
  ['lesser or equal ones', 10, (a, b) => Number(a <= b)],
  ['greater or equal ones', 11, (a, b) => Number(a >= b)],
];

export const compare: Twin = {
  name: 'compare',
  cases: order.map(([what, f, of]) => {
    const call: Function['call'] = (k, walk, [a, b], y) => k.compare(f, walk, a!, b!, y);
    // numbers that are equal here and there
    const rough = cased({ what, of: (a, b) => of(a!, b!), call, whole: { result: true } }, [...pairs, [[5], [5], [5]]]);
    const same: TwinCase = {
      what: `${what} of the same`,
      tolerance: equal,
      run(machine, spoil) {
        const [a, b] = [noise(9, 1), noise(9, 1)];
        const expected = a.map((x, i) => of(x, b[i]!));
        spoil(a);
        const [walk, p, q, y] = [machine.put(Int32Array.of(1, 9, 1, 1, 0)), machine.put(a), machine.put(b), machine.allocate(36)];
        machine.exports.compare(f, walk, p, q, y);
        return { actual: machine.ints(y, 9), expected };
      },
    };
    return joined(what, [...rough, same]);
  }),
};

const wholes: readonly (readonly [what: string, f: number, of: (a: number, b: number) => number])[] = [
  ['sums', 0, (a, b) => a + b],
  ['differences', 1, (a, b) => a - b],
  ['products', 2, (a, b) => a * b],
  ['quotients', 3, (a, b) => Math.trunc(a / b)],
  ['smaller ones', 4, Math.min],
  ['larger ones', 5, Math.max],
  ...order,
  ['bits in both', 12, (a, b) => a & b],
  ['bits in one', 13, (a, b) => a | b],
  ['bits in only one', 14, (a, b) => a ^ b],
];

export const binaryInts: Twin = {
  name: 'binaryInts',
  cases: wholes.map(([what, f, of]) =>
    joined(
      what,
      cased(
        {
          what,
          of: (a, b) => of(a!, b!),
          call: (k, walk, [a, b], y) => k.binaryInts(f, walk, a!, b!, y),
          whole: { operands: true, result: true },
        },
        pairs,
      ),
    ),
  ),
};

export const power: Twin = {
  name: 'power',
  cases: cased(
    {
      what: 'powers',
      of: (a, b) => Math.abs(a!) ** b!,
      call: (k, walk, [a, b], y) => {
        k.unary(1, a!, a!, 1, 0, 0);
        k.power(walk, a!, b!, y);
      },
      tolerance: { absolute: 0, relative: 2 ** -22, because: 'a power in float32' },
    },
    [[[1], [1], [1]]],
  ),
};

export const select: Twin = {
  name: 'select',
  cases: [
    joined(
      'one of two',
      cased(
        {
          what: 'one of two',
          of: (c, a, b) => (c !== 0 ? a! : b!),
          call: (k, walk, [c, a, b], y) => k.select(walk, c!, a!, b!, y),
          whole: { operands: true, result: true },
        },
        [
          ...[1, 3, 4, 9].flatMap((n): Shapes[] => [
            [
              [2, n],
              [2, n],
              [2, n],
              [2, n],
            ],
            [[3, n], [3, 1], [n], [1]],
            [[2, 3, n], [n], [2, 1, n], [3, n]],
          ]),
        ],
      ),
    ),
  ],
};
