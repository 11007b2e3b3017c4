/** Reduces the middle of three axes, [outer, n, inner] to [outer, inner], by number: 0 sum, 1 mean, 2 largest, 3 smallest, 4 sum of squares. */

/** @inline */
function join(f: i32, a: v128, x: v128): v128 {
  if (f < 2) return f32x4.add(a, x);
  if (f === 2) return f32x4.max(a, x);
  if (f === 3) return f32x4.min(a, x);
  return f32x4.add(a, f32x4.mul(x, x));
}

/** @inline */
function start(f: i32): v128 {
  return f32x4.splat(f === 2 ? -Infinity : f === 3 ? Infinity : 0);
}

/** Lanes together, pairs first. @inline */
function lanes(f: i32, v: v128): v128 {
  const pairs = f === 2 || f === 3 ? join(f, v, v128.shuffle<f32>(v, v, 2, 3, 0, 1)) : f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  const turned = v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2);
  return f === 2 || f === 3 ? join(f, pairs, turned) : f32x4.add(pairs, turned);
}

/** @inline */
function rows(f: i32, x: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  const share = f32x4.splat(f === 1 ? <f32>n : 1);
  const stride = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    if (inner === 1) {
      let a = start(f);
      let b = a;
      const end = x + ((<usize>n) << 2);
      for (; x + 32 <= end; x += 32) {
        a = join(f, a, v128.load(x));
        b = join(f, b, v128.load(x, 16));
      }
      a = f === 2 || f === 3 ? join(f, a, b) : f32x4.add(a, b);
      a = lanes(f, a);
      for (; x < end; x += 4) a = join(f, a, v128.load32_splat(x));
      store<f32>(y, f32x4.extract_lane(f === 1 ? f32x4.div(a, share) : a, 0));
      y += 4;
      continue;
    }
    let i = 0;
    for (; i + 4 <= inner; i += 4, y += 16) {
      let a = start(f);
      let at = x + ((<usize>i) << 2);
      for (let k = 0; k < n; k++, at += stride) a = join(f, a, v128.load(at));
      v128.store(y, f === 1 ? f32x4.div(a, share) : a);
    }
    for (; i < inner; i++, y += 4) {
      let a = start(f);
      let at = x + ((<usize>i) << 2);
      for (let k = 0; k < n; k++, at += stride) a = join(f, a, v128.load32_splat(at));
      store<f32>(y, f32x4.extract_lane(f === 1 ? f32x4.div(a, share) : a, 0));
    }
    x += <usize>n * stride;
  }
}

export function reduce(f: i32, x: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  if (f === 0) rows(0, x, y, outer, n, inner);
  else if (f === 1) rows(1, x, y, outer, n, inner);
  else if (f === 2) rows(2, x, y, outer, n, inner);
  else if (f === 3) rows(3, x, y, outer, n, inner);
  else rows(4, x, y, outer, n, inner);
}

/** Product of int32 (shape arithmetic), or their sum. */
export function reduceInts(product: i32, x: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  const stride = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, x += <usize>n * stride)
    for (let i = 0; i < inner; i++, y += 4) {
      let a = product;
      let at = x + ((<usize>i) << 2);
      for (let k = 0; k < n; k++, at += stride) a = product ? a * load<i32>(at) : a + load<i32>(at);
      store<i32>(y, a);
    }
}

/** Where along the axis the largest (sign 1) or smallest (sign −1) value is: the first or, if `last`, the last of equal ones. */
export function argMax(x: usize, y: usize, outer: i32, n: i32, inner: i32, sign: f32, last: i32): void {
  const stride = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, x += <usize>n * stride)
    for (let i = 0; i < inner; i++, y += 4) {
      let at = x + ((<usize>i) << 2);
      let best: f32 = load<f32>(at) * sign;
      let place = 0;
      for (let k = 0; k < n; k++, at += stride) {
        const v: f32 = load<f32>(at) * sign;
        if (v > best || (last && v === best)) {
          best = v;
          place = k;
        }
      }
      store<i32>(y, place);
    }
}
