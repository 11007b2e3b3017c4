/**
 * Integers of a matrix that are mostly zero, in arrays of some thousand. Whether an entry is zero is mixed from eleven contexts: how dense
 * row, column and place have been, what lies beside it in the row's own picture of its inputs (positions as a square, where they are one) and
 * in its slice, and where it is; then the sign under the signs around, then whether the magnitude goes on. Vectors, matrices, pictures and
 * kernels learn apart.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, newInts, roomFor } from './ints.js';
import { Mixer } from './mixer.js';
import { log } from './surroundings.js';
import { Wide } from './wide.js';

const opinions: int = 11;
/** Magnitudes up to here take a bit each. */
const unary: int = 14;
/** Kinds of array. */
const matrix: int = 0;
const picture: int = 1;
const kernel: int = 2;
const vector: int = 3;
const kinds: int = 4;
/** Densities count in half octaves up to here; an entry in every second one is two steps below. */
const full: int = 21;
/** Rows and entries are counted up to here. */
const mostRows: int = 4095;
const most: int = 4194303;
/** Lines are divided up to this length. */
const longest: int = 65535;
/** First slots of signs, of magnitudes and of what is beyond. */
const signs: int = 0;
const sizes: int = 1024;
const rests: int = sizes + 8192;
const slots: int = rests + 64;

/** How dense, where `count` + `more` / 256 of `among` were not zero. */
function density(count: int, more: int, among: int): int {
  const steps = full + ((log((count << 8) + more) - log(among << 8)) >> 3);
  return steps < 0 ? 0 : steps > full ? full : steps;
}

/** Which sixteenth of a line a place lies in. */
function sixteenth(place: int, length: int): int {
  if (length > longest) return 0;
  const scaled = 16 * place;
  return (scaled - (scaled % length)) / length;
}

function sizeOf(value: int): int {
  return value < 0 ? -value : value;
}

function upTo(value: int, most: int): int {
  const size = sizeOf(value);
  return size > most ? most : size;
}

function signOf(value: int): int {
  return value > 0 ? 1 : value < 0 ? 2 : 0;
}

export class Scarce {
  private readonly zeros: Wide;
  private readonly mixer: Mixer;
  private kind: int = vector;
  private positions: int = 1;
  /** Of the square of positions. */
  private side: int = 1;
  private width: int = 1;
  /** This row and the one above, and for each place the non-zeros of the rows above and the sum of their signs. */
  private row: ints = newInts(1);
  private above: ints = newInts(1);
  private counts: ints = newInts(1);
  private leaning: ints = newInts(1);
  private inColumn: ints = newInts(1);
  private r: int = 0;
  private at: int = 0;
  private inRow: int = 0;
  private inSlice: int = 0;
  private total: int = 0;
  private all: int = 0;

  constructor(coder: BinaryCoder) {
    this.zeros = new Wide(coder, opinions, kinds, 11500, kinds << 5);
    this.mixer = new Mixer(coder, slots, 1 + 8, 255, 16);
    for (let kind: int = 0; kind < kinds; kind++) this.zeros.begin(kind, kind === vector ? 0 : -24000, 6);
  }

  start(columns: int, positions: int, single: int): void {
    const width = columns * positions;
    this.positions = positions;
    this.width = width;
    let side: int = 1;
    while (side * side < positions) side++;
    this.side = side * side === positions ? side : positions;
    this.kind = single === 1 ? vector : positions === 1 ? matrix : columns === 1 ? picture : kernel;
    if (this.row.length < width) {
      const room = roomFor(width);
      this.row = newInts(room);
      this.above = newInts(room);
      this.counts = newInts(room);
      this.leaning = newInts(room);
      this.inColumn = newInts(room);
    } else {
      this.row.fill(0, 0, width);
      this.above.fill(0, 0, width);
      this.counts.fill(0, 0, width);
      this.leaning.fill(0, 0, width);
      this.inColumn.fill(0, 0, columns);
    }
    this.r = 0;
    this.at = 0;
    this.inRow = 0;
    this.inSlice = 0;
    this.total = 0;
    this.all = 0;
  }

  /** Codes the next levels of the matrix. */
  code(levels: ints, count: int): void {
    for (let i: int = 0; i < count; i++) {
      const level = this.level(levels[i]!);
      levels[i] = level;
      this.put(level);
    }
  }

  private level(level: int): int {
    const at = this.at;
    const positions = this.positions;
    const side = this.side;
    const kind = this.kind;
    const row = this.row;
    const p = at % positions;
    const c = (at - p) / positions;
    const x = p % side;
    const first = at - p;
    // beside it: in the square of positions, or where there is one position in the matrix
    const flat = positions === 1;
    const left = x > 0 ? row[at - 1]! : flat && c > 0 ? row[at - 1]! : 0;
    const left2 = x > 1 ? row[at - 2]! : 0;
    const up = p >= side ? row[at - side]! : flat ? this.above[at]! : 0;
    const up2 = p >= 2 * side ? row[at - 2 * side]! : 0;
    const upLeft = p >= side && x > 0 ? row[at - side - 1]! : flat && c > 1 ? row[at - 2]! : 0;
    const upRight = p >= side && x + 1 < side ? row[at - side + 1]! : 0;
    const up2Left = p >= 2 * side && x > 0 ? row[at - 2 * side - 1]! : 0;
    const up2Right = p >= 2 * side && x + 1 < side ? row[at - 2 * side + 1]! : 0;
    const before = c > 0 ? row[at - positions]! : 0;

    const byRow = density(this.inRow, 102, at + 3);
    const byColumn = density(this.inColumn[c]!, 102, this.r * positions + p + 3);
    const byAll = density(this.total, 128, this.all + 5);
    const byPlace = this.place(at, first, x);
    const bySlice = p === 0 ? 31 : density(this.inSlice, 77, p + 2);
    const sides = (left !== 0 ? 1 : 0) | (up !== 0 ? 2 : 0) | (upLeft !== 0 ? 4 : 0) | (upRight !== 0 ? 8 : 0);
    const near = 2 * (upTo(left, 2) + upTo(up, 2)) + upTo(upLeft, 1) + upTo(upRight, 1) + upTo(left2, 2) + upTo(up2, 2);
    let expected = byRow + byColumn - byAll + (flat ? 0 : byPlace - byAll);
    expected = expected < 0 ? 0 : expected > 63 ? 63 : expected;
    const zeros = this.zeros;
    const contexts = zeros.at;
    contexts[0] = kind;
    contexts[1] = (kind << 5) | byRow;
    contexts[2] = (((kind << 5) | byColumn) << 5) | (flat ? 0 : byPlace);
    contexts[3] = (((kind << 5) | byRow) << 5) | byColumn;
    contexts[4] = (kind << 4) | sides;
    contexts[5] = (((kind << 5) | byPlace) << 1) | ((sides & 3) !== 0 ? 1 : 0);
    contexts[6] = (((kind << 5) | bySlice) << 5) | (p > 31 ? 31 : p);
    contexts[7] = (((kind << 4) | (near > 15 ? 15 : near)) << 5) | byAll;
    contexts[8] = (kind << 6) | expected;
    const farther = (left2 !== 0 ? 16 : 0) | (up2 !== 0 ? 32 : 0) | (up2Left !== 0 ? 64 : 0) | (up2Right !== 0 ? 128 : 0);
    contexts[9] = (kind << 8) | sides | farther;
    contexts[10] = (kind << 8) | (sixteenth(x, side) << 4) | sixteenth((p - x) / side, positions / side);
    if (zeros.bit(level !== 0 ? 1 : 0, kind, (kind << 5) | byRow) === 0) return 0;

    const around = signOf(left + up + upLeft + upRight);
    const sign = this.mixed(
      level < 0 ? 1 : 0,
      0,
      signs + kind,
      signs + 16 + ((kind * 3 + signOf(left)) * 3 + signOf(up)),
      signs + 64 + ((kind * 3 + signOf(before)) * 3 + signOf(this.above[at]!)),
      signs + 128 + ((kind * 3 + signOf(this.leaning[at]!)) * 3 + around),
    );
    const size = sizeOf(level);
    let found: int = 1;
    while (found <= unary) {
      const k = (kind << 4) | found;
      const goes = this.mixed(
        found < size ? 1 : 0,
        found > 8 ? 8 : found,
        sizes + k,
        sizes + 64 + ((k << 5) | byRow),
        sizes + 2112 + ((((k << 2) | upTo(left, 3)) << 2) | upTo(up, 3)),
        sizes + 4160 + ((k << 5) | byColumn),
      );
      if (goes === 0) break;
      found++;
    }
    if (found > unary) found = unary + this.mixer.beyond(size - unary, rests);
    return sign === 1 ? -found : found;
  }

  /** Not written out in both places: it is long. */
  private mixed(bit: int, set: int, a: int, b: int, c: int, d: int): int {
    return this.mixer.bit(bit, set, a, b, c, d);
  }

  /** How dense the place and those around it have been in the rows above. */
  private place(at: int, first: int, x: int): int {
    const side = this.side;
    const positions = this.positions;
    const counts = this.counts;
    const here = counts[at]!;
    if (positions === 1) return density(4 * here, 154, 4 * this.r + 6);
    const last = first + positions;
    let sum: int = 4 * here;
    for (let y = at - side; y <= at + side; y += side) {
      if (y < first || y >= last) continue;
      const weight: int = y === at ? 2 : 1;
      if (y !== at) sum += 2 * counts[y]!;
      if (x > 0) sum += weight * counts[y - 1]!;
      if (x + 1 < side) sum += weight * counts[y + 1]!;
    }
    return density(sum, 614, 16 * this.r + 24);
  }

  private put(level: int): void {
    const at = this.at;
    const positions = this.positions;
    this.row[at] = level;
    if (level !== 0) {
      const c = (at - (at % positions)) / positions;
      if (this.inColumn[c]! < most) this.inColumn[c] = this.inColumn[c]! + 1;
      this.inRow++;
      this.inSlice++;
      if (this.total < most) this.total++;
    }
    if (this.all < most) this.all++;
    if ((at + 1) % positions === 0) this.inSlice = 0;
    if (at + 1 < this.width) {
      this.at = at + 1;
      return;
    }
    for (let i: int = 0; i < this.width; i++) {
      const value = this.row[i]!;
      this.above[i] = value;
      if (value === 0) continue;
      if (this.counts[i]! < mostRows) this.counts[i] = this.counts[i]! + 1;
      const leaning = this.leaning[i]! + (value > 0 ? 1 : -1);
      if (leaning <= mostRows && leaning >= -mostRows) this.leaning[i] = leaning;
    }
    this.at = 0;
    this.inRow = 0;
    if (this.r < mostRows) this.r++;
  }
}
