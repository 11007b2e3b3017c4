/**
 * Sparse matrix times one vector. Four rows go side by side, one to a lane, so that values load as vectors; rows are ordered by how many
 * weights they keep, and shorter ones of a group are filled up with zeros (the sliced ELLPACK format of Monakov et al., 2010).
 */
import { madd } from './madd';

/**
 * Group g has the entries starts[g] … starts[g + 1] − 1: four offsets (u32, bytes from x), then four values (f32). `places` says where
 * the results go (bytes from y), four to a group; lanes of no row have the place of the first one. `bias` is in the order of the groups.
 */
export function sparseVector(
  x: usize,
  groups: i32,
  starts: usize,
  entries: usize,
  places: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let e = entries + ((<usize>load<u32>(starts)) << 5);
  for (let g = 0; g < groups; g++, places += 16, bias += 16) {
    starts += 4;
    const end = entries + ((<usize>load<u32>(starts)) << 5);
    let sum = v128.load(bias);
    let other = f32x4.splat(0);
    for (; e + 64 <= end; e += 64) {
      sum = madd(sum, gathered(x, e), v128.load(e, 16));
      other = madd(other, gathered(x, e + 32), v128.load(e, 48));
    }
    if (e < end) {
      sum = madd(sum, gathered(x, e), v128.load(e, 16));
      e += 32;
    }
    sum = f32x4.pmin(f32x4.pmax(f32x4.add(sum, other), lows), highs);
    // the first lane last: lanes of no row have its place
    store<f32>(y + <usize>load<u32>(places, 12), f32x4.extract_lane(sum, 3));
    store<f32>(y + <usize>load<u32>(places, 8), f32x4.extract_lane(sum, 2));
    store<f32>(y + <usize>load<u32>(places, 4), f32x4.extract_lane(sum, 1));
    store<f32>(y + <usize>load<u32>(places), f32x4.extract_lane(sum, 0));
  }
}

/** @inline */
function gathered(x: usize, e: usize): v128 {
  let v = v128.load32_zero(x + <usize>load<u32>(e));
  v = v128.load32_lane(x + <usize>load<u32>(e, 4), v, 1);
  v = v128.load32_lane(x + <usize>load<u32>(e, 8), v, 2);
  return v128.load32_lane(x + <usize>load<u32>(e, 12), v, 3);
}
