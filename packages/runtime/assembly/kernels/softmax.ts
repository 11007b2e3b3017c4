/** Softmax or its logarithm along the middle of three axes, [outer, n, inner], shifted by the largest value. y may be x. */
import { exp4, log4, sum4 } from './math';

/** @inline */
function finish(log: i32, x: v128, most: v128, share: v128): v128 {
  // share: the sum of the exponentials, or its logarithm
  return log ? f32x4.sub(f32x4.sub(x, most), share) : f32x4.div(x, share);
}

function line(x: usize, y: usize, n: i32, log: i32): void {
  const bytes = (<usize>n) << 2;
  const whole = bytes & ~15;
  let v = f32x4.splat(-Infinity);
  for (let i: usize = 0; i < whole; i += 16) v = f32x4.max(v, v128.load(x + i));
  v = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  v = f32x4.max(v, v128.shuffle<f32>(v, v, 1, 0, 3, 2));
  for (let i = whole; i < bytes; i += 4) v = f32x4.max(v, v128.load32_splat(x + i));
  const most = v;
  let total = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 16) {
    const e = exp4(f32x4.sub(v128.load(x + i), most));
    if (!log) v128.store(y + i, e);
    total = f32x4.add(total, e);
  }
  let sum = sum4(total);
  for (let i = whole; i < bytes; i += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(x + i), most)), 0);
    if (!log) store<f32>(y + i, e);
    sum += e;
  }
  const share = log ? log4(f32x4.splat(sum)) : f32x4.splat(sum);
  const from = log ? x : y;
  for (let i: usize = 0; i < whole; i += 16) v128.store(y + i, finish(log, v128.load(from + i), most, share));
  for (let i = whole; i < bytes; i += 4) store<f32>(y + i, f32x4.extract_lane(finish(log, v128.load32_splat(from + i), most, share), 0));
}

/** Four columns side by side, or one of them. @inline */
function columns(four: bool, x: usize, y: usize, n: i32, stride: usize, log: i32): void {
  let most = f32x4.splat(-Infinity);
  let i: usize = 0;
  for (let k = 0; k < n; k++, i += stride) most = f32x4.max(most, four ? v128.load(x + i) : v128.load32_splat(x + i));
  let sum = f32x4.splat(0);
  i = 0;
  for (let k = 0; k < n; k++, i += stride) {
    const e = exp4(f32x4.sub(four ? v128.load(x + i) : v128.load32_splat(x + i), most));
    sum = f32x4.add(sum, e);
    if (log) continue;
    if (four) v128.store(y + i, e);
    else store<f32>(y + i, f32x4.extract_lane(e, 0));
  }
  const share = log ? log4(sum) : sum;
  const from = log ? x : y;
  i = 0;
  for (let k = 0; k < n; k++, i += stride) {
    const v = finish(log, four ? v128.load(from + i) : v128.load32_splat(from + i), most, share);
    if (four) v128.store(y + i, v);
    else store<f32>(y + i, f32x4.extract_lane(v, 0));
  }
}

export function softmax(x: usize, y: usize, outer: i32, n: i32, inner: i32, log: i32): void {
  const stride = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, x += <usize>n * stride, y += <usize>n * stride) {
    if (inner === 1) {
      line(x, y, n, log);
      continue;
    }
    let i: usize = 0;
    for (; i + 16 <= stride; i += 16) columns(true, x + i, y + i, n, stride, log);
    for (; i < stride; i += 4) columns(false, x + i, y + i, n, stride, log);
  }
}
