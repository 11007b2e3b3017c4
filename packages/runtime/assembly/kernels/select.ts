/** y = a where c is not 0, else b: elements of 32 bits. `walk` has the strides of c, a and b; y is contiguous. */
import { begin, inner, next, place, step } from './walk';

export function select(walk: usize, c: usize, a: usize, b: usize, y: usize): void {
  const counters = begin(walk, 3);
  const n = inner(walk);
  const o = (<usize>step(walk, 1)) << 2;
  const p = (<usize>step(walk, 2)) << 2;
  const q = (<usize>step(walk, 3)) << 2;
  do {
    let h = c + place(walk, counters, 1);
    let i = a + place(walk, counters, 2);
    let j = b + place(walk, counters, 3);
    for (let k = 0; k < n; k++, h += o, i += p, j += q, y += 4) store<i32>(y, load<i32>(h) ? load<i32>(i) : load<i32>(j));
  } while (next(walk, counters));
}
