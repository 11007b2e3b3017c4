/**
 * Kept weights brought into the forms that kernels read: rows, rows in order of their lengths, slices of four rows. What is packed once a
 * load would take JavaScript many times longer, for its loops have never run before.
 */

/** Splits ascending positions into rows of `width`: each becomes its column, in place; row r has the entries starts[r] … starts[r + 1] − 1. */
export function splitRows(positions: usize, count: i32, rows: i32, width: i32, starts: usize): void {
  let i = 0;
  let begin: u64 = 0;
  store<i32>(starts, 0);
  for (let row = 0; row < rows; row++) {
    const end = begin + <u64>width;
    for (; i < count; i++) {
      const at = positions + ((<usize>i) << 2);
      const position = <u64>load<u32>(at);
      if (position >= end) break;
      store<u32>(at, <u32>(position - begin));
    }
    begin = end;
    store<i32>(starts + ((<usize>(row + 1)) << 2), i);
  }
}

/** out[i] = book[index[i]], 32 bits each, `step` bytes apart; indices are `bytes` wide, 2 or 4. */
export function lookUp(book: usize, index: usize, bytes: i32, count: i32, out: usize, step: i32): void {
  for (let i = 0; i < count; i++, index += bytes, out += step) {
    const at = bytes === 2 ? <usize>load<u16>(index) : <usize>load<u32>(index);
    store<u32>(out, load<u32>(book + (at << 2)));
  }
}

/** The values of each row times the scale of that row. */
export function scaleRows(values: usize, starts: usize, rows: i32, scale: usize): void {
  for (let row = 0; row < rows; row++, starts += 4, scale += 4) {
    const by = load<f32>(scale);
    const end = values + ((<usize>load<i32>(starts, 4)) << 2);
    for (let at = values + ((<usize>load<i32>(starts)) << 2); at < end; at += 4) store<f32>(at, load<f32>(at) * by);
  }
}

/** Within each group of `perGroup` rows those that keep fewer weights come first; `counts` has room for width + 2 numbers. */
export function orderRows(starts: usize, rows: i32, perGroup: i32, width: i32, counts: usize, order: usize): void {
  for (let first = 0; first < rows; first += perGroup, order += (<usize>perGroup) << 2) {
    const begin = starts + ((<usize>first) << 2);
    memory.fill(counts, 0, (<usize>(width + 2)) << 2);
    for (let r = 0; r < perGroup; r++) {
      const at = counts + ((<usize>(lengthOf(begin, r) + 1)) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
    for (let length = 1; length <= width; length++) {
      const at = counts + ((<usize>length) << 2);
      store<i32>(at, load<i32>(at) + load<i32>(at - 4));
    }
    for (let r = 0; r < perGroup; r++) {
      const at = counts + ((<usize>lengthOf(begin, r)) << 2);
      const place = load<i32>(at);
      store<i32>(order + ((<usize>place) << 2), r);
      store<i32>(at, place + 1);
    }
  }
}

/** @inline */
function lengthOf(starts: usize, row: i32): i32 {
  const at = starts + ((<usize>row) << 2);
  return load<i32>(at, 4) - load<i32>(at);
}

/**
 * The rows in their order, group by group: `ordered` gets where each begins among the entries as they come out, `source` which entry each
 * of those was.
 */
export function reorder(starts: usize, rows: i32, perGroup: i32, order: usize, ordered: usize, source: usize): void {
  let to = 0;
  store<i32>(ordered, 0);
  for (let r = 0; r < rows; r++) {
    const row = <usize>(r - (r % perGroup) + load<i32>(order + ((<usize>r) << 2)));
    const end = load<i32>(starts + (row << 2), 4);
    for (let e = load<i32>(starts + (row << 2)); e < end; e++, to++) store<i32>(source + ((<usize>to) << 2), e);
    store<i32>(ordered + ((<usize>(r + 1)) << 2), to);
  }
}

/** Four rows of the order to a slice: where each begins, in steps of four entries. Gives how many steps there are. */
export function sliceStarts(starts: usize, rows: i32, order: usize, slices: usize): i32 {
  let steps = 0;
  store<i32>(slices, 0);
  for (let r = 0; r < rows; r += 4) {
    slices += 4;
    steps += lengthOf(starts, load<i32>(order + ((<usize>min(r + 3, rows - 1)) << 2)));
    store<i32>(slices, steps);
  }
  return steps;
}

/** The entries of the slices, which were zero: of each step four columns in bytes, then four values; places and biases of the lanes. */
export function slice(
  starts: usize,
  rows: i32,
  order: usize,
  columns: usize,
  values: usize,
  bias: usize,
  slices: usize,
  entries: usize,
  places: usize,
  biases: usize,
): void {
  for (let r = 0; r < ((rows + 3) & ~3); r++, places += 4, biases += 4) {
    // lanes of no row have the place of the first one
    const row = <usize>load<i32>(order + ((<usize>(r < rows ? r : r & ~3)) << 2));
    store<i32>(places, <i32>(row << 2));
    store<f32>(biases, r < rows ? load<f32>(bias + (row << 2)) : 0);
    if (r >= rows) continue;
    let to = entries + ((<usize>load<i32>(slices + ((<usize>(r >> 2)) << 2))) << 5) + ((<usize>(r & 3)) << 2);
    let e = (<usize>load<i32>(starts + (row << 2))) << 2;
    const end = (<usize>load<i32>(starts + (row << 2), 4)) << 2;
    for (; e < end; e += 4, to += 32) {
      store<u32>(to, load<u32>(columns + e) << 2);
      store<u32>(to, load<u32>(values + e), 16);
    }
  }
}

/** Offsets of columns into entries `step` bytes apart, shifted into place beside the lowest bits that `kept` covers. Gives the largest. */
export function putOffsets(columns: usize, count: i32, offsets: usize, shift: i32, kept: u32, entries: usize, step: i32): u32 {
  let largest: u32 = 0;
  for (let i = 0; i < count; i++, columns += 4, entries += step) {
    const offset = load<u32>(offsets + ((<usize>load<u32>(columns)) << 2));
    largest = max(largest, offset);
    store<u32>(entries, (offset << shift) | (load<u32>(entries) & kept));
  }
  return largest;
}
