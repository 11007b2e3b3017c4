/** Rows and columns that are reduced or normalized. */
import { equal, noise, sumOf, type Tolerance, type Twin, type TwinCase } from '../twin.js';

interface Block {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

const blocks: readonly Block[] = [
  ...[2, 3, 4, 5, 8, 9, 17, 40].map((n) => ({ outer: 3, n, inner: 1 })),
  ...[2, 3, 4, 5, 9].flatMap((inner) => [2, 7].map((n) => ({ outer: 2, n, inner }))),
];

type Call = (kernels: Parameters<TwinCase['run']>[0]['exports'], x: number, y: number, block: Block) => void;

interface Lines {
  readonly what: string;
  /** From one line to what it becomes. */
  readonly of: (line: readonly number[]) => readonly number[];
  readonly call: Call;
  readonly tolerance: (block: Block) => Tolerance;
  readonly whole?: 'in' | 'out' | 'both';
}

const blockCase = ({ what, of, call, tolerance, whole }: Lines, block: Block): TwinCase => ({
  what: `${what} of [${block.outer}, ${block.n}, ${block.inner}]`,
  tolerance: tolerance(block),
  run(machine, spoil) {
    const { outer, n, inner } = block;
    const drawn = noise(outer * n * inner, 1);
    const x = whole === 'in' || whole === 'both' ? Int32Array.from(drawn, (v) => Math.round(9 * v) || 1) : drawn;
    const lines = Array.from({ length: outer * inner }, (_, i) => {
      const start = Math.floor(i / inner) * n * inner + (i % inner);
      return of(Array.from({ length: n }, (_, k) => x[start + k * inner]!));
    });
    const length = lines[0]!.length;
    const expected = Array.from({ length: outer * length * inner }, (_, i) => {
      const [o, k, c] = [Math.floor(i / (length * inner)), Math.floor(i / inner) % length, i % inner];
      return lines[o * inner + c]![k]!;
    });
    // one element alone: a line that is moved as a whole has the same softmax
    for (let i = 0; i < 3; i++) spoil(x.subarray(0, 1));
    const [p, y] = [machine.put(x), machine.allocate(4 * expected.length)];
    call(machine.exports, p, y, block);
    return {
      actual: whole === 'out' || whole === 'both' ? machine.ints(y, expected.length) : machine.floats(y, expected.length),
      expected,
    };
  },
});

const casesOf = (lines: Lines): TwinCase[] => blocks.map((block) => blockCase(lines, block));

const sum = (line: readonly number[]): number => line.reduce((a, b) => a + b, 0);
const reductions: readonly (readonly [string, (line: readonly number[]) => number])[] = [
  ['sum', sum],
  ['mean', (line) => sum(line) / line.length],
  ['largest', (line) => Math.max(...line)],
  ['smallest', (line) => Math.min(...line)],
  ['sum of squares', (line) => sum(line.map((v) => v * v))],
];

export const reduce: Twin = {
  name: 'reduce',
  cases: reductions.flatMap(([what, of], f) =>
    // spoiling makes the first number larger, and the smallest may be another
    casesOf({
      what,
      of: (line) => [f === 3 ? of(line.map((v) => -v)) : of(line)],
      call: (k, x, y, { outer, n, inner }) => {
        if (f === 3) k.unary(2, x, x, outer * n * inner, 0, 0);
        k.reduce(f, x, y, outer, n, inner);
      },
      tolerance: ({ n }) => sumOf(n),
    }),
  ),
};

export const reduceInts: Twin = {
  name: 'reduceInts',
  cases: [0, 1].flatMap((product) =>
    casesOf({
      what: product ? 'product' : 'sum',
      of: (line) => [line.reduce((a, b) => (product ? Math.imul(a, b) : a + b), product)],
      call: (k, x, y, { outer, n, inner }) => k.reduceInts(product, x, y, outer, n, inner),
      tolerance: () => equal,
      whole: 'both',
    }).slice(0, 3),
  ),
};

const places = (line: readonly number[], sign: number): number[] => {
  const best = Math.max(...line.map((v) => sign * v));
  return line.flatMap((v, i) => (sign * v === best ? [i] : []));
};

const argCase = (sign: number, last: number, n: number, inner: number): TwinCase => ({
  what: `${sign > 0 ? 'largest' : 'smallest'} of ${n}, ${last ? 'last' : 'first'}, ${inner} side by side`,
  tolerance: equal,
  run(machine, spoil) {
    const outer = 2;
    const x = Float32Array.from(noise(outer * n * inner, 1), (v) => sign * Math.round(2 * v));
    // it stands at two places
    x[0] = sign * 5;
    x[inner] = sign * 5;
    const expected = Array.from({ length: outer * inner }, (_, i) => {
      const start = Math.floor(i / inner) * n * inner + (i % inner);
      const found = places(
        Array.from({ length: n }, (_, k) => x[start + k * inner]!),
        sign,
      );
      return last ? found.at(-1)! : found[0]!;
    });
    spoil(x.subarray(sign > 0 === last > 0 ? 0 : inner, (sign > 0 === last > 0 ? 0 : inner) + 1));
    const [p, y] = [machine.put(x), machine.allocate(4 * expected.length)];
    machine.exports.argMax(p, y, outer, n, inner, sign, last);
    return { actual: machine.ints(y, expected.length), expected };
  },
});

export const argMax: Twin = {
  name: 'argMax',
  cases: [1, -1].flatMap((sign) => [0, 1].flatMap((last) => [2, 5].flatMap((n) => [1, 3].map((inner) => argCase(sign, last, n, inner))))),
};

const exponentials: Tolerance = { absolute: 1e-7, relative: 3e-6, because: 'exponentials to 1e-6, and their float32 sum' };

export const softmax: Twin = {
  name: 'softmax',
  cases: [0, 1].flatMap((log) =>
    casesOf({
      what: log ? 'log softmax' : 'softmax',
      of: (line) => {
        const most = Math.max(...line);
        const total = sum(line.map((v) => Math.exp(v - most)));
        return line.map((v) => (log ? v - most - Math.log(total) : Math.exp(v - most) / total));
      },
      call: (k, x, y, { outer, n, inner }) => k.softmax(x, y, outer, n, inner, log),
      tolerance: () => (log ? { ...exponentials, absolute: 3e-6 } : exponentials),
    }),
  ),
};

const epsilon = Math.fround(1e-3);

function normalized(line: readonly number[]): number[] {
  const mean = sum(line) / line.length;
  const variance = sum(line.map((v) => (v - mean) ** 2)) / line.length;
  return line.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
}

const normalizeCase = (n: number, scaled: boolean): TwinCase => ({
  what: `rows of ${n}${scaled ? ', scaled' : ''}`,
  tolerance: { absolute: 2 ** -18, relative: 2 ** -20, because: 'sums of differences from a mean that float32 has rounded' },
  run(machine, spoil) {
    const rows = 3;
    const [x, scale, shift] = [noise(rows * n, 1).map((v) => v + 3), noise(n, 2), noise(n, 3)];
    const expected = Array.from({ length: rows }, (_, r) =>
      normalized(Array.from(x.subarray(r * n, (r + 1) * n))).map((v, i) => (scaled ? v * scale[i]! + shift[i]! : v)),
    ).flat();
    spoil(x.subarray(0, 1));
    const [p, y, s, t] = [machine.put(x), machine.allocate(4 * x.length), machine.put(scale), machine.put(shift)];
    machine.exports.normalize(p, y, rows, n, epsilon, scaled ? s : 0, scaled ? t : 0);
    return { actual: machine.floats(y, x.length), expected };
  },
});

export const normalize: Twin = {
  name: 'normalize',
  cases: [2, 3, 4, 5, 8, 11, 16, 100].flatMap((n) => [normalizeCase(n, false), normalizeCase(n, true)]),
};

export const affine: Twin = {
  name: 'affine',
  cases: [1, 3, 4, 5, 9].map(
    (n): TwinCase => ({
      what: `planes of ${n}`,
      tolerance: { absolute: 2 ** -23, relative: 2 ** -22, because: 'two roundings to float32' },
      run(machine, spoil) {
        const [planes, channels] = [6, 3];
        const [x, scale, shift] = [noise(planes * n, 1), noise(channels, 2), noise(channels, 3)];
        const expected = Array.from(x, (v, i) => {
          const c = Math.floor(i / n) % channels;
          return Math.min(Math.max(v * scale[c]! + shift[c]!, -0.5), 0.75);
        });
        spoil(x);
        const [p, y, s, t] = [machine.put(x), machine.allocate(4 * x.length), machine.put(scale), machine.put(shift)];
        machine.exports.affine(p, y, planes, channels, n, s, t, -0.5, 0.75);
        return { actual: machine.floats(y, x.length), expected };
      },
    }),
  ),
};

const lrnCase = (plane: number, size: number, beta: number): TwinCase => ({
  what: `planes of ${plane}, ${size} channels, beta ${beta}`,
  tolerance: { absolute: 1e-6, relative: 4e-6, because: 'a power by logarithm and exponential, each to 1e-6' },
  run(machine, spoil) {
    const [batch, channels, alpha, bias] = [2, 6, 0.5, 2];
    const x = noise(batch * channels * plane, 1);
    const before = Math.floor((size - 1) / 2);
    const expected = Array.from(x, (v, at) => {
      const [n, c, i] = [Math.floor(at / (channels * plane)), Math.floor(at / plane) % channels, at % plane];
      let squares = 0;
      for (let k = Math.max(0, c - before); k <= Math.min(channels - 1, c + size - 1 - before); k++)
        squares += x[(n * channels + k) * plane + i]! ** 2;
      return v * (bias + (alpha / size) * squares) ** -beta;
    });
    spoil(x);
    const [p, y] = [machine.put(x), machine.allocate(4 * x.length)];
    machine.exports.lrn(p, y, batch, channels, plane, size, alpha, beta, bias);
    return { actual: machine.floats(y, x.length), expected };
  },
});

export const lrn: Twin = {
  name: 'lrn',
  cases: [1, 3, 4, 6].flatMap((plane) => [lrnCase(plane, 5, 0.75), lrnCase(plane, 3, 0.6), lrnCase(plane, 2, 0.75)]),
};
