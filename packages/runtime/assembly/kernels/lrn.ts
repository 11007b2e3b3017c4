/** Local response normalization across channels: y = x·(bias + alpha/size·Σ x²)^−beta over `size` neighbouring channels (Krizhevsky 2012). */
import { exp4, log4 } from './math';

/** @inline */
function share(sum: v128, alpha: v128, beta: f32, bias: v128): v128 {
  const s = f32x4.add(bias, f32x4.mul(alpha, sum));
  if (beta === 0.75) {
    const root = f32x4.sqrt(s);
    return f32x4.div(f32x4.splat(1), f32x4.mul(root, f32x4.sqrt(root)));
  }
  return exp4(f32x4.mul(log4(s), f32x4.splat(-beta)));
}

export function lrn(x: usize, y: usize, batch: i32, channels: i32, plane: i32, size: i32, alpha: f32, beta: f32, bias: f32): void {
  const before = (size - 1) >> 1;
  const a = f32x4.splat(alpha / <f32>size);
  const b = f32x4.splat(bias);
  const stride = (<usize>plane) << 2;
  for (let n = 0; n < batch; n++, x += <usize>channels * stride)
    for (let c = 0; c < channels; c++, y += stride) {
      const first = max(0, c - before);
      const last = min(channels - 1, c + size - 1 - before);
      const own = x + <usize>c * stride;
      let i: usize = 0;
      for (; i + 16 <= stride; i += 16) {
        let sum = f32x4.splat(0);
        let at = x + <usize>first * stride + i;
        for (let k = first; k <= last; k++, at += stride) sum = f32x4.add(sum, f32x4.mul(v128.load(at), v128.load(at)));
        v128.store(y + i, f32x4.mul(v128.load(own + i), share(sum, a, beta, b)));
      }
      for (; i < stride; i += 4) {
        let sum: f32 = 0;
        let at = x + <usize>first * stride + i;
        for (let k = first; k <= last; k++, at += stride) sum += load<f32>(at) * load<f32>(at);
        store<f32>(y + i, load<f32>(own + i) * f32x4.extract_lane(share(f32x4.splat(sum), a, beta, b), 0));
      }
    }
}
