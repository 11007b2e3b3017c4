/**
 * Axes as a table in the heap: rank, sizes, a list of strides for each operand, room for counters; int32 each, strides in elements.
 * The last axis is the inner loop of whoever walks.
 */

/** Sets the counters to zero. @inline */
export function begin(walk: usize, operands: i32): usize {
  const wide = (<usize>load<i32>(walk)) << 2;
  const counters = walk + 4 + <usize>(operands + 1) * wide;
  memory.fill(counters, 0, wide);
  return counters;
}

/** Size of the last axis. @inline */
export function inner(walk: usize): i32 {
  return load<i32>(walk + ((<usize>load<i32>(walk)) << 2));
}

/** Stride of operand k (from 1) along the last axis, in elements. @inline */
export function step(walk: usize, k: i32): i32 {
  return load<i32>(walk + <usize>(k + 1) * ((<usize>load<i32>(walk)) << 2));
}

/** Offset of operand k (from 1) at the counters, in bytes. */
export function place(walk: usize, counters: usize, k: i32): usize {
  const rank = load<i32>(walk);
  const strides = walk + 4 + <usize>k * ((<usize>rank) << 2);
  let at = 0;
  for (let axis = 0; axis < rank - 1; axis++) {
    const i = (<usize>axis) << 2;
    at += load<i32>(counters + i) * load<i32>(strides + i);
  }
  return (<usize>at) << 2;
}

/** Moves on to the next row; false after the last. */
export function next(walk: usize, counters: usize): bool {
  for (let axis = load<i32>(walk) - 2; axis >= 0; axis--) {
    const i = (<usize>axis) << 2;
    const count = load<i32>(counters + i) + 1;
    if (count < load<i32>(walk + 4 + i)) {
      store<i32>(counters + i, count);
      return true;
    }
    store<i32>(counters + i, 0);
  }
  return false;
}
