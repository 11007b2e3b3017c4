/** One element at a time: functions, conversions, and the same number everywhere. */
import { equal, noise, type Tolerance, type Twin, type TwinCase } from '../twin.js';
import { joined } from './joined.js';

/** The error function to double precision: 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)). */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const unit = (x: number): number => Math.min(Math.max(x, 0), 1);
/** To the nearest whole number, ties to the even one. */
const nearest = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const close: Tolerance = { absolute: 1e-38, relative: 1e-6, because: 'what the runtime promises of its functions' };
const summed: Tolerance = {
  absolute: 2e-6,
  relative: 1e-6,
  because: 'a sum with a number near 1, which cancels where the result is small',
};
const last: Tolerance = { absolute: 1e-38, relative: 2 ** -22, because: 'two roundings to float32' };

type Sweep = readonly [what: string, of: (x: number, a: number, b: number) => number, from: number, to: number, tolerance: Tolerance];

/** By their numbers. */
const functions: readonly Sweep[] = [
  ['clamp', (x, a, b) => Math.min(Math.max(x, a), b), -3, 3, equal],
  ['abs', Math.abs, -3, 3, equal],
  ['neg', (x) => -x, -3, 3, equal],
  ['sqrt', Math.sqrt, 0, 90, last],
  ['exp', Math.exp, -87, 87, close],
  ['log', Math.log, 1e-3, 90, { ...close, absolute: 1e-7, because: 'near 1 the logarithm is as small as the rounding of its terms' }],
  ['tanh', Math.tanh, -12, 12, close],
  ['erf', erf, -6, 6, close],
  ['sigmoid', sigmoid, -80, 80, close],
  ['hard sigmoid', (x, a, b) => unit(a * x + b), -9, 9, summed],
  ['hard swish', (x, a, b) => x * unit(a * x + b), -9, 9, summed],
  ['leaky ReLU', (x, a) => (x < 0 ? a * x : x), -9, 9, last],
  ['ELU', (x, a, b) => (x < 0 ? a * Math.expm1(x) : b * x), -9, 9, summed],
  ['softplus', (x) => Math.log1p(Math.exp(x)), -9, 20, summed],
  ['sign', Math.sign, -3, 3, equal],
  ['reciprocal', (x) => 1 / x, 0.1, 9, last],
  ['floor', Math.floor, -5, 5, equal],
  ['ceil', Math.ceil, -5, 5, equal],
  ['round', nearest, -5, 5, equal],
  ['GELU', (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)), -9, 9, summed],
  ['GELU by tanh', (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), -9, 9, summed],
  ['swish', (x, a) => x * sigmoid(a * x), -60, 60, close],
];

const [a, b] = [Math.fround(0.3), Math.fround(0.5)];

/** A dense sweep, and lengths around a vector. */
const swept = ([what, of, from, to, tolerance]: Sweep, f: number): TwinCase =>
  joined(
    what,
    [1, 3, 4, 5, 20001].map(
      (count): TwinCase => ({
        what,
        tolerance,
        run(machine, spoil) {
          const x = Float32Array.from({ length: count }, (_, i) => from + ((to - from) * (i + 0.37)) / count);
          const expected = Float64Array.from(x, (v) => of(v, a, b));
          spoil(x);
          const [p, y] = [machine.put(x), machine.allocate(4 * count)];
          machine.exports.unary(f, p, y, count, a, b);
          return { actual: machine.floats(y, count).slice(), expected };
        },
      }),
    ),
  );

const edges: TwinCase = {
  what: 'what is no number, infinite or zero',
  tolerance: equal,
  run(machine, spoil) {
    const x = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1e-42, -1, 200);
    const kinds = [Math.exp, Math.log, Math.tanh].flatMap((of) => Array.from(x.subarray(0, 4), of));
    spoil(x);
    const [p, y] = [machine.put(x), machine.allocate(28)];
    const actual = [4, 5, 6].flatMap((f) => {
      machine.exports.unary(f, p, y, 7, 0, 0);
      return Array.from(machine.floats(y, 4));
    });
    return { actual, expected: kinds };
  },
};

export const unary: Twin = { name: 'unary', cases: [...functions.map(swept), edges] };

const conversions: readonly (readonly [what: string, of: (x: number) => number, real: boolean])[] = [
  ['float32 to int32', (x) => Math.trunc(x), true],
  ['int32 to float32', (x) => x, false],
  ['float32 to bool', (x) => Number(x !== 0), true],
  ['int32 to bool', (x) => Number(x !== 0), false],
  ['not', (x) => Number(x === 0), false],
  ['negative', (x) => -x, false],
  ['absolute', Math.abs, false],
  ['sign', Math.sign, false],
  ['int8', (x) => (x << 24) >> 24, false],
  ['uint8', (x) => x & 255, false],
  ['int16', (x) => (x << 16) >> 16, false],
  ['uint16', (x) => x & 65535, false],
];

export const convert: Twin = {
  name: 'convert',
  cases: conversions.map(
    ([what, of, real], f): TwinCase => ({
      what,
      tolerance: equal,
      run(machine, spoil) {
        const numbers = [-70000, -300, -2, -1, 0, 1, 2, 300, 70000];
        const x = real ? Float32Array.from(numbers, (n) => n / 4) : Int32Array.from(numbers);
        const expected = Array.from(x, of);
        spoil(x);
        const [p, y] = [machine.put(x), machine.allocate(4 * x.length)];
        machine.exports.convert(f, p, y, x.length);
        return { actual: f === 1 ? machine.floats(y, x.length) : machine.ints(y, x.length), expected };
      },
    }),
  ),
};

export const fill: Twin = {
  name: 'fill',
  cases: [1, 3, 4, 5, 9].map(
    (count): TwinCase => ({
      what: `${count} numbers`,
      tolerance: equal,
      run(machine, spoil) {
        const value = Int32Array.of(7);
        const y = machine.put(Int32Array.from(noise(count + 1, 1), (x) => 100 * x));
        const expected = [...new Array<number>(count).fill(7), machine.ints(y, count + 1)[count]!];
        spoil(value);
        machine.exports.fill(y, count, value[0]!);
        return { actual: machine.ints(y, count + 1), expected };
      },
    }),
  ),
};
