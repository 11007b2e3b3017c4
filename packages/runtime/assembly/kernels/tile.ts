/**
 * The tile of all dense products: 6 or 4 rows × 8 columns of C = A·B in registers. A lies in panels [k][rows], B in strips [k][8]. Panels
 * are sixes, then the fewest fours that make up the (even) number of rows, so that no row is computed in vain.
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 */
import { madd } from './madd';

/** Inner indices at a time: a panel and a strip of so many stay in the first cache. */
export const innerBlock: i32 = 384;

/** Rows that are computed for so many: even, 4 at least. */
export function evenRows(rows: i32): i32 {
  return max(4, (rows + 1) & ~1);
}

/** What `tiles` computes those at the edge in: six rows of eight numbers. */
export const edgeBytes: i32 = 192;

/** How many of the panels have four rows. @inline */
function fours(even: i32): i32 {
  const left = even % 6;
  return left === 0 ? 0 : left === 4 ? 1 : 2;
}

/** @inline */
function clamped(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** One tile. `first`: starts from the biases of its rows and columns, otherwise goes on from C. */
function tile6(
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: bool,
  rowBias: usize,
  columnBias: usize,
  low: f32,
  high: f32,
): void {
  let a00: v128, a01: v128, a10: v128, a11: v128, a20: v128, a21: v128, a30: v128, a31: v128, a40: v128, a41: v128, a50: v128, a51: v128;
  const c2 = c + 2 * ldc;
  const c4 = c + 4 * ldc;
  if (first) {
    const b0 = v128.load(columnBias);
    const b1 = v128.load(columnBias, 16);
    let w = v128.load32_splat(rowBias);
    a00 = f32x4.add(w, b0);
    a01 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 4);
    a10 = f32x4.add(w, b0);
    a11 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 8);
    a20 = f32x4.add(w, b0);
    a21 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 12);
    a30 = f32x4.add(w, b0);
    a31 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 16);
    a40 = f32x4.add(w, b0);
    a41 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 20);
    a50 = f32x4.add(w, b0);
    a51 = f32x4.add(w, b1);
  } else {
    a00 = v128.load(c);
    a01 = v128.load(c, 16);
    a10 = v128.load(c + ldc);
    a11 = v128.load(c + ldc, 16);
    a20 = v128.load(c2);
    a21 = v128.load(c2, 16);
    a30 = v128.load(c2 + ldc);
    a31 = v128.load(c2 + ldc, 16);
    a40 = v128.load(c4);
    a41 = v128.load(c4, 16);
    a50 = v128.load(c4 + ldc);
    a51 = v128.load(c4 + ldc, 16);
  }
  for (; k > 0; k--) {
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    let w = v128.load32_splat(a);
    a00 = madd(a00, w, x0);
    a01 = madd(a01, w, x1);
    w = v128.load32_splat(a, 4);
    a10 = madd(a10, w, x0);
    a11 = madd(a11, w, x1);
    w = v128.load32_splat(a, 8);
    a20 = madd(a20, w, x0);
    a21 = madd(a21, w, x1);
    w = v128.load32_splat(a, 12);
    a30 = madd(a30, w, x0);
    a31 = madd(a31, w, x1);
    w = v128.load32_splat(a, 16);
    a40 = madd(a40, w, x0);
    a41 = madd(a41, w, x1);
    w = v128.load32_splat(a, 20);
    a50 = madd(a50, w, x0);
    a51 = madd(a51, w, x1);
    a += 24;
    b += 32;
  }
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  v128.store(c, clamped(a00, lows, highs));
  v128.store(c, clamped(a01, lows, highs), 16);
  v128.store(c + ldc, clamped(a10, lows, highs));
  v128.store(c + ldc, clamped(a11, lows, highs), 16);
  v128.store(c2, clamped(a20, lows, highs));
  v128.store(c2, clamped(a21, lows, highs), 16);
  v128.store(c2 + ldc, clamped(a30, lows, highs));
  v128.store(c2 + ldc, clamped(a31, lows, highs), 16);
  v128.store(c4, clamped(a40, lows, highs));
  v128.store(c4, clamped(a41, lows, highs), 16);
  v128.store(c4 + ldc, clamped(a50, lows, highs));
  v128.store(c4 + ldc, clamped(a51, lows, highs), 16);
}

function tile4(
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  ldc: usize,
  first: bool,
  rowBias: usize,
  columnBias: usize,
  low: f32,
  high: f32,
): void {
  let a00: v128, a01: v128, a10: v128, a11: v128, a20: v128, a21: v128, a30: v128, a31: v128;
  const c2 = c + 2 * ldc;
  if (first) {
    const b0 = v128.load(columnBias);
    const b1 = v128.load(columnBias, 16);
    let w = v128.load32_splat(rowBias);
    a00 = f32x4.add(w, b0);
    a01 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 4);
    a10 = f32x4.add(w, b0);
    a11 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 8);
    a20 = f32x4.add(w, b0);
    a21 = f32x4.add(w, b1);
    w = v128.load32_splat(rowBias, 12);
    a30 = f32x4.add(w, b0);
    a31 = f32x4.add(w, b1);
  } else {
    a00 = v128.load(c);
    a01 = v128.load(c, 16);
    a10 = v128.load(c + ldc);
    a11 = v128.load(c + ldc, 16);
    a20 = v128.load(c2);
    a21 = v128.load(c2, 16);
    a30 = v128.load(c2 + ldc);
    a31 = v128.load(c2 + ldc, 16);
  }
  for (; k > 0; k--) {
    const x0 = v128.load(b);
    const x1 = v128.load(b, 16);
    let w = v128.load32_splat(a);
    a00 = madd(a00, w, x0);
    a01 = madd(a01, w, x1);
    w = v128.load32_splat(a, 4);
    a10 = madd(a10, w, x0);
    a11 = madd(a11, w, x1);
    w = v128.load32_splat(a, 8);
    a20 = madd(a20, w, x0);
    a21 = madd(a21, w, x1);
    w = v128.load32_splat(a, 12);
    a30 = madd(a30, w, x0);
    a31 = madd(a31, w, x1);
    a += 16;
    b += 32;
  }
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  v128.store(c, clamped(a00, lows, highs));
  v128.store(c, clamped(a01, lows, highs), 16);
  v128.store(c + ldc, clamped(a10, lows, highs));
  v128.store(c + ldc, clamped(a11, lows, highs), 16);
  v128.store(c2, clamped(a20, lows, highs));
  v128.store(c2, clamped(a21, lows, highs), 16);
  v128.store(c2 + ldc, clamped(a30, lows, highs));
  v128.store(c2 + ldc, clamped(a31, lows, highs), 16);
}

function copyRows(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, from += fromRow, to += toRow) memory.copy(to, from, (<usize>columns) << 2);
}

/**
 * C [rows][columns] = or += A·B over one block of k inner indices: all panels of A with all strips of B. `rowBias` has evenRows(rows)
 * numbers, `columnBias` whole strips of them; `columnStep` is 32 bytes, or 0 where all strips share one. `edge` has edgeBytes.
 */
export function tiles(
  a: usize,
  rows: i32,
  k: i32,
  b: usize,
  columns: i32,
  c: usize,
  ldc: usize,
  first: bool,
  rowBias: usize,
  columnBias: usize,
  columnStep: usize,
  low: f32,
  high: f32,
  edge: usize,
): void {
  const even = evenRows(rows);
  const sixes = (even - 4 * fours(even)) / 6;
  const stripBytes = (<usize>k) << 5;
  for (let r = 0, panel = 0; r < even; panel++) {
    const high6 = panel < sixes;
    const wide = high6 ? 6 : 4;
    const left = min(wide, rows - r);
    let strip = b;
    let bias = columnBias;
    for (let p = 0; p < columns; p += 8, strip += stripBytes, bias += columnStep) {
      const across = min(8, columns - p);
      let to = c + ((<usize>p) << 2);
      let toRow = ldc;
      const whole = left === wide && across === 8;
      if (!whole) {
        if (!first) copyRows(to, ldc, edge, 32, left, across);
        to = edge;
        toRow = 32;
      }
      if (high6) tile6(a, strip, k, to, toRow, first, rowBias, bias, low, high);
      else tile4(a, strip, k, to, toRow, first, rowBias, bias, low, high);
      if (!whole) copyRows(edge, 32, c + ((<usize>p) << 2), ldc, left, across);
    }
    a += (<usize>(wide * k)) << 2;
    c += <usize>wide * ldc;
    rowBias += (<usize>wide) << 2;
    r += wide;
  }
}
