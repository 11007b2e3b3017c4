/**
 * What an entry of a quantized matrix costs a coder that learns as it goes, given all the other entries: the chance that it is not zero, by the
 * density of its row, its column and its position and by what lies around it in a kernel or an image; the chance of its sign; the price of a
 * further level. How much the surroundings tell is fitted to the matrix itself (pseudo-likelihood: Besag, "Statistical Analysis of
 * Non-Lattice Data", 1975). Bits.
 */
import { logisticWeights } from './logistic.js';
import type { PricedShape } from './shape.js';
import { type Surroundings, surroundingsOf } from './surroundings.js';

export interface Prices {
  /** Of leaving zero, one for each entry, in the order of the weight. */
  readonly leave: Float32Array;
  /** Of each level beyond the first. */
  readonly level: number;
  /** What they go by. */
  readonly fit: Fit;
}

/** How much surroundings tell: `told` weights of what is known of an entry, then two of its sign. */
export type Fit = Float32Array;

/** Entries whose density is taken to be that of the whole, before any of a row, column or position is seen. */
const pseudo = 8;
const least = 0.5;
const most = 15;
/** Of one more level. */
const mostLevel = 8;
/** About so many zeros are looked at to learn what surroundings tell. */
const sampled = 4096;
/** Of an entry: 1, its log-odds by row, column and position, and the logarithms of how many others are not zero in its slice and around it. */
const told = 6;

/**
 * Levels of a weight in its own order; an entry that is zero would get the sign of its shadow. `fit`: what was learned before; absent, it is
 * learned from the levels. Work for the non-zeros and some thousand zeros, and a product of `told` numbers for each entry.
 */
export function pricesOf(levels: Int32Array, shadow: ArrayLike<number>, shape: PricedShape, fit?: Fit): Prices {
  const seen = look(levels, shape);
  const used = fit ?? fitTo(seen, early);
  const leave = new Float32Array(levels.length);
  chances(seen, used, (at, odds, plus) => {
    const bits = seen.stop + bitsOf(shadow[at]! < 0 ? -plus : plus) - odds * Math.LOG2E;
    leave[at] = Math.min(Math.max(bits, least), most);
  });
  return { leave, level: seen.level, fit: used };
}

/**
 * The bits that a coder with these chances needs for the whole weight; its own contexts know more, or less. Without a fit by the likeliest.
 */
export function estimatedBits(levels: Int32Array, shape: PricedShape, fit?: Fit): number {
  const seen = look(levels, shape);
  let bits = 0;
  chances(seen, fit ?? fitTo(seen, likeliest), (at, odds, plus) => {
    const q = levels[at]!;
    bits += bitsOf(q === 0 ? -odds : odds);
    if (q !== 0) bits += seen.stop + bitsOf(q < 0 ? -plus : plus) + (Math.abs(q) - 1) * seen.level;
  });
  return bits;
}

/** Of what has these log-odds. */
const bitsOf = (odds: number): number => Math.log2(1 + Math.exp(-odds));

/** What can be counted. */
interface Seen {
  readonly shape: PricedShape;
  /** The levels, row after row, and where they are not zero. */
  readonly rowwise: Int32Array;
  readonly nonZeros: readonly number[];
  readonly around: Surroundings;
  /** Writes what is told of an entry. */
  tell(at: number, to: Float64Array, from: number): void;
  /** Bits of there being no further level, and of each. */
  readonly stop: number;
  readonly level: number;
}

function look(levels: Int32Array, shape: PricedShape): Seen {
  const { rows, columns, positions, transposed = false } = shape;
  const size = levels.length;
  const width = columns * positions;
  const rowwise = transposed ? turned(levels, rows) : levels;
  const inRow = new Float64Array(rows);
  const inColumn = new Float64Array(columns);
  const inPosition = new Float64Array(positions);
  const inSlice = new Float64Array(rows * columns);
  const nonZeros: number[] = [];
  let sum = 0;
  for (let at = 0; at < size; at++) {
    const q = rowwise[at]!;
    if (q === 0) continue;
    const i = at % width;
    inRow[(at - i) / width]!++;
    inColumn[Math.floor(i / positions)]!++;
    inPosition[i % positions]!++;
    inSlice[Math.floor(at / positions)]!++;
    nonZeros.push(at);
    sum += Math.abs(q);
  }
  const count = nonZeros.length;
  const whole = (count + 0.5) / (size + 1);
  const ofWhole = Math.log(whole / (1 - whole));
  /** Log-odds over those of the whole, by the others of a group: of those that are zero, then of those that are not. */
  const apart = (seen: Float64Array, of: number): Float64Array => {
    const out = new Float64Array(2 * seen.length);
    if (seen.length === 1) return out;
    for (let i = 0; i < out.length; i++) {
      const others = seen[i >> 1]! - (i & 1);
      out[i] = Math.log((others + pseudo * whole) / (of - 1 - others + pseudo * (1 - whole))) - ofWhole;
    }
    return out;
  };
  const [byRow, byColumn, byPosition] = [apart(inRow, width), apart(inColumn, rows * positions), apart(inPosition, rows * columns)];
  const around = surroundingsOf(shape, nonZeros, rowwise);
  const tell = (at: number, to: Float64Array, from: number): void => {
    const q = rowwise[at] === 0 ? 0 : 1;
    const i = at % width;
    const p = i % positions;
    to[from] = 1;
    to[from + 1] = ofWhole + byRow[((at - i) / width) * 2 + q]! + byColumn[((i - p) / positions) * 2 + q]! + byPosition[p * 2 + q]!;
    to[from + 2] = logOf(inSlice[(at - p) / positions]! - q);
    to[from + 3] = logOf(around.sides[at]!);
    to[from + 4] = logOf(around.corners[at]!);
    to[from + 5] = logOf(around.ring[at]!);
  };
  const theta = count === 0 ? 0 : 1 - count / sum;
  const level = Math.min(mostLevel, -Math.log2(Math.max(theta, 2 ** -mostLevel)));
  const stop = -Math.log2(Math.max(1 - theta, 2 ** -mostLevel));
  return { shape, rowwise, nonZeros, around, tell, stop, level };
}

/** Log-odds of not being zero, and of being positive where it is not, of each entry by its place in the weight. */
function chances({ shape, rowwise, around, tell }: Seen, fit: Fit, take: (at: number, odds: number, plus: number) => void): void {
  const { rows, columns, positions, transposed = false } = shape;
  const width = columns * positions;
  const facts = new Float64Array(told);
  for (let at = 0, r = 0, i = 0; at < rowwise.length; at++) {
    tell(at, facts, 0);
    let odds = 0;
    for (let k = 0; k < told; k++) odds += fit[k]! * facts[k]!;
    take(transposed ? i * rows + r : at, odds, fit[told]! + fit[told + 1]! * around.leaning[at]!);
    if (++i === width) [r, i] = [r + 1, 0];
  }
}

/** Logarithms of counts, none of them without one. */
const logs = Float64Array.from({ length: 1024 }, (_, n) => Math.log(n + 0.5));
const logOf = (count: number): number => logs[Math.min(count, logs.length - 1)]!;

/** In a matrix nothing lies around an entry: densities are all. Elsewhere that is where fitting begins. */
const asCounted = Float64Array.of(0, 1, 0, 0, 0, 0);
/** Tries after which surroundings are not told in full, by which networks train better (docs/rated.md); and the likeliest weights are found. */
const early = 6;
const likeliest = 30;
/** Signs that nothing is known of. */
const unsigned = new Float64Array(2);

const fitTo = (seen: Seen, tries: number): Fit =>
  Float32Array.of(...(seen.shape.positions === 1 ? asCounted : fitted(seen, tries)), ...signWeights(seen, tries));

function fitted({ rowwise, nonZeros, tell }: Seen, tries: number): Float64Array {
  const zeros = rowwise.length - nonZeros.length;
  // odd: columns are often a power of two
  const every = 2 * Math.floor(zeros / sampled / 2) + 1;
  const chosen = nonZeros.slice();
  for (let at = 0, seen = 0; at < rowwise.length; at++) if (rowwise[at] === 0 && seen++ % every === 0) chosen.push(at);
  const features = new Float64Array(told * chosen.length);
  for (const [i, at] of chosen.entries()) tell(at, features, told * i);
  return logisticWeights({
    features,
    prior: asCounted,
    tries,
    outcomes: Uint8Array.from(chosen, (_, i) => (i < nonZeros.length ? 1 : 0)),
    shares: Float64Array.from(chosen, (_, i) => (i < nonZeros.length ? 1 : every)),
  });
}

/** How much more a non-zero is positive than negative, and how much it keeps to the signs next to it. */
function signWeights({ rowwise, nonZeros, around }: Seen, tries: number): Float64Array {
  return logisticWeights({
    features: Float64Array.from({ length: 2 * nonZeros.length }, (_, i) => (i % 2 === 0 ? 1 : around.leaning[nonZeros[i >> 1]!]!)),
    prior: unsigned,
    tries,
    outcomes: Uint8Array.from(nonZeros, (at) => (rowwise[at]! > 0 ? 1 : 0)),
    shares: new Float64Array(nonZeros.length).fill(1),
  });
}

/** The transpose, row after row, of a matrix that lies [width][rows]. */
function turned(levels: Int32Array, rows: number): Int32Array {
  const out = new Int32Array(levels.length);
  const width = levels.length / rows;
  for (let i = 0, from = 0; i < width; i++) for (let r = 0; r < rows; r++) out[r * width + i] = levels[from++]!;
  return out;
}
