/**
 * Slices named by indices: x [outer, size, run], index [count], y [outer, count, run]; elements of 32 bits. The result is the first place
 * whose index is out of range (below −size or from size on), or −1; then y is not written.
 */
export function take(x: usize, index: usize, y: usize, outer: i32, size: i32, run: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const at = load<i32>(index + ((<usize>i) << 2));
    if (at < -size || at >= size) return i;
  }
  const bytes = (<usize>run) << 2;
  for (let o = 0; o < outer; o++, x += <usize>size * bytes)
    for (let i = 0; i < count; i++, y += bytes) {
      const at = load<i32>(index + ((<usize>i) << 2));
      const from = x + <usize>(at < 0 ? at + size : at) * bytes;
      if (run === 1) store<i32>(y, load<i32>(from));
      else memory.copy(y, from, bytes);
    }
  return -1;
}
