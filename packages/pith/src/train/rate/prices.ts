/**
 * What an entry of a quantized matrix costs a coder that learns as it goes: the chance that it is not zero by what the coder will know there
 * (density of its row, its column, its position in the kernel, and of what lies beside it), and the price of a further level. Bits.
 */

/** A weight as the coder sees it; rows make outputs. */
export interface PricedShape {
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
  /** Columns (or positions, where there is one column) as images of this width, where that is what the weight reads. */
  readonly imageWidth?: number | undefined;
  /** The matrix lies transposed: [columns · positions][rows]. */
  readonly transposed?: boolean;
}

export interface Prices {
  /** Of leaving zero, one for each entry, in the order of the weight. */
  readonly leave: Float32Array;
  /** Of each level beyond the first. */
  readonly level: number;
}

/** Entries whose density is taken to be that of the whole, before any of a row, column or position is seen. */
const pseudo = 8;
const least = 0.5;
const most = 15;
/** Of one more level. */
const mostLevel = 8;

/** Levels of a weight in its own order, and its shape. Work for the non-zeros, and one logarithm for each entry. */
export function pricesOf(levels: Int32Array, shape: PricedShape): Prices {
  const { odds, first, level } = expected(levels, shape);
  const leave = new Float32Array(levels.length);
  for (let i = 0; i < leave.length; i++) leave[i] = Math.min(Math.max(first - Math.log2(odds[i]!), least), most);
  return { leave, level };
}

/** The bits that a coder with these chances needs for the whole weight; its own contexts know more, or less. */
export function estimatedBits(levels: Int32Array, shape: PricedShape): number {
  const { odds, first, level } = expected(levels, shape);
  let bits = 0;
  for (let i = 0; i < levels.length; i++) {
    const q = Math.abs(levels[i]!);
    bits += Math.log2(1 + odds[i]!);
    if (q > 0) bits += first - Math.log2(odds[i]!) + (q - 1) * level;
  }
  return bits;
}

interface Expected {
  /** Of not being zero, for each entry in the order of the weight. */
  readonly odds: Float64Array;
  /** Bits of the sign and of there being no further level. */
  readonly first: number;
  readonly level: number;
}

function expected(levels: Int32Array, shape: PricedShape): Expected {
  const { rows, columns, positions, transposed = false } = shape;
  const size = levels.length;
  const width = columns * positions;
  const inRow = new Float64Array(rows);
  const inColumn = new Float64Array(columns);
  const inPosition = new Float64Array(positions);
  const beside = new Uint16Array(size);
  const tell = tellerOf(beside, shape);
  let count = 0;
  let sum = 0;
  for (let at = 0; at < size; at++) {
    const q = Math.abs(levels[at]!);
    if (q === 0) continue;
    const r = transposed ? at % rows : Math.floor(at / width);
    const i = transposed ? Math.floor(at / rows) : at - r * width;
    inRow[r]!++;
    inColumn[Math.floor(i / positions)]!++;
    inPosition[i % positions]!++;
    count++;
    sum += q;
    tell(r, i);
  }
  const whole = (count + 0.5) / (size + 1);
  const oddsOf = (seen: Float64Array, of: number): Float64Array =>
    seen.map((n) => (n + pseudo * whole) / (of - n + pseudo * (1 - whole))).map((odds) => (odds * (1 - whole)) / whole);
  const byRow = oddsOf(inRow, width);
  const byColumn = oddsOf(inColumn, rows * positions);
  const byPosition = oddsOf(inPosition, rows * columns);
  const theta = count === 0 ? 0 : 1 - count / sum;
  const level = Math.min(mostLevel, -Math.log2(Math.max(theta, 2 ** -mostLevel)));
  const first = 1 - Math.log2(Math.max(1 - theta, 2 ** -mostLevel));
  const oddsOfAll = whole / (1 - whole);
  const odds = new Float64Array(size);
  const neighbours = neighboursOf(shape);
  for (let r = 0; r < rows; r++)
    for (let c = 0, i = 0; c < columns; c++)
      for (let p = 0; p < positions; p++, i++) {
        const known = oddsOfAll * byRow[r]! * byColumn[c]! * byPosition[p]!;
        const chance = (pseudo * known) / (1 + known);
        const seen = beside[r * width + i]!;
        odds[transposed ? i * rows + r : r * width + i] = (seen + chance) / (neighbours + pseudo - seen - chance);
      }
  return { odds, first, level };
}

/** Entries beside one: in a kernel the rest of its slice, in an image the eight pixels around, in a matrix the rest of its column. */
function neighboursOf({ rows, positions, imageWidth }: PricedShape): number {
  if (imageWidth !== undefined) return 8;
  return positions > 1 ? positions - 1 : rows - 1;
}

/** Counts, for each entry that lies beside a non-zero one, in the order of rows. */
function tellerOf(beside: Uint16Array, { rows, columns, positions, imageWidth }: PricedShape): (r: number, i: number) => void {
  const width = columns * positions;
  if (imageWidth !== undefined)
    return (r, i) => {
      const x = i % imageWidth;
      for (let v = i - x - imageWidth; v <= i - x + imageWidth; v += imageWidth)
        for (let u = Math.max(0, x - 1); u <= Math.min(imageWidth - 1, x + 1); u++)
          if (v >= 0 && v + u < width && v + u !== i) beside[r * width + v + u]!++;
    };
  if (positions > 1)
    return (r, i) => {
      const from = r * width + i - (i % positions);
      for (let k = from; k < from + positions; k++) if (k !== r * width + i) beside[k]!++;
    };
  return (r, i) => {
    for (let other = 0; other < rows; other++) if (other !== r) beside[other * width + i]!++;
  };
}
