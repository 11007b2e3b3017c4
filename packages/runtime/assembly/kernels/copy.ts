/** Copies elements of 32 bits between any strides: transpose, slice, split, concat, pad, expand. `walk` has the strides of x and of y. */
import { begin, inner, next, place, step } from './walk';

/** Four rows of four become four columns. @inline */
function square(x: usize, xRow: usize, y: usize, yRow: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + xRow);
  const c = v128.load(x + 2 * xRow);
  const d = v128.load(x + 3 * xRow);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ba = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const dc = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(y + yRow, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(y + 2 * yRow, v128.shuffle<i64>(ba, dc, 0, 2));
  v128.store(y + 3 * yRow, v128.shuffle<i64>(ba, dc, 1, 3));
}

export function copy(walk: usize, x: usize, y: usize): void {
  const counters = begin(walk, 2);
  const n = inner(walk);
  const p = step(walk, 1);
  const q = step(walk, 2);
  const from = (<usize>p) << 2;
  const to = (<usize>q) << 2;
  do {
    let i = x + place(walk, counters, 1);
    let j = y + place(walk, counters, 2);
    if (p === 1 && q === 1) {
      const bytes = (<usize>n) << 2;
      if (n >= 64) memory.copy(j, i, bytes);
      else {
        const end = i + bytes;
        for (; i + 16 <= end; i += 16, j += 16) v128.store(j, v128.load(i));
        for (; i < end; i += 4, j += 4) store<i32>(j, load<i32>(i));
      }
    } else for (let k = 0; k < n; k++, i += from, j += to) store<i32>(j, load<i32>(i));
  } while (next(walk, counters));
}

/**
 * The same where the last two axes trade places: x is contiguous along the one before the last axis (`rows` of it), y along the last
 * (`columns`). The walk goes over all other axes, and has one of size 1 at the end.
 */
export function copyTurned(walk: usize, x: usize, y: usize, rows: i32, columns: i32, xStep: i32, yStep: i32): void {
  const counters = begin(walk, 2);
  const xRow = (<usize>xStep) << 2;
  const yRow = (<usize>yStep) << 2;
  do {
    const i = x + place(walk, counters, 1);
    const j = y + place(walk, counters, 2);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      let r = 0;
      for (; r + 4 <= rows; r += 4) square(i + <usize>c * xRow + ((<usize>r) << 2), xRow, j + <usize>r * yRow + ((<usize>c) << 2), yRow);
      for (; r < rows; r++)
        for (let k = c; k < c + 4; k++)
          store<i32>(j + <usize>r * yRow + ((<usize>k) << 2), load<i32>(i + <usize>k * xRow + ((<usize>r) << 2)));
    }
    for (; c < columns; c++)
      for (let r = 0; r < rows; r++)
        store<i32>(j + <usize>r * yRow + ((<usize>c) << 2), load<i32>(i + <usize>c * xRow + ((<usize>r) << 2)));
  } while (next(walk, counters));
}

/** n times the same 32 bits. */
export function fill(y: usize, n: i32, bits: i32): void {
  const v = i32x4.splat(bits);
  const end = y + ((<usize>n) << 2);
  for (; y + 16 <= end; y += 16) v128.store(y, v);
  for (; y < end; y += 4) store<i32>(y, bits);
}
