/**
 * Convolution of weights and activations that are −1 or 1: a bit each, 64 products by one exclusive or and one population count (Rastegari et
 * al., "XNOR-Net", 2016). Activations lie by pixel, 32 channels to a word, and an even number of words to a pixel.
 */

/** Pixels of one plane's rows as bits: 1 where above zero. `out` is padded, its rows rowBytes and its pixels pixelBytes apart. */
export function signs(
  x: usize,
  channels: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  rowBytes: usize,
  pixelBytes: usize,
  rows: i32,
  out: usize,
): void {
  memory.fill(out, 0, <usize>rows * rowBytes);
  const plane = (<usize>(height * width)) << 2;
  const zero = f32x4.splat(0);
  for (let first = 0; first < channels; first += 32) {
    const end = min(channels, first + 32);
    for (let r = 0; r < height; r++) {
      const row = out + <usize>(r + top) * rowBytes + <usize>left * pixelBytes + (<usize>first >> 3);
      for (let p = 0; p < width; p += 4) {
        const n = min(4, width - p);
        let at = x + <usize>first * plane + ((<usize>(r * width + p)) << 2);
        let bits = i32x4.splat(0);
        for (let c = first; c < end; c++, at += plane) bits = i32x4.sub(i32x4.shl(bits, 1), f32x4.gt(v128.load(at), zero));
        const to = row + <usize>p * pixelBytes;
        store<i32>(to, i32x4.extract_lane(bits, 0));
        if (n > 1) store<i32>(to + pixelBytes, i32x4.extract_lane(bits, 1));
        if (n > 2) store<i32>(to + 2 * pixelBytes, i32x4.extract_lane(bits, 2));
        if (n > 3) store<i32>(to + 3 * pixelBytes, i32x4.extract_lane(bits, 3));
      }
    }
  }
}

/** Distances of neighbours: their lengths are constants of the compiler. */
class OneWord {
  a: u64;
}
class TwoWords {
  a: v128;
}
class FourWords {
  a: v128;
  b: v128;
}

/** @inline */
function lanes(n0: u64, n1: u64, n2: u64, n3: u64): v128 {
  const counts = i32x4.replace_lane(i32x4.splat(<i32>n0), 1, <i32>n1);
  return i32x4.replace_lane(i32x4.replace_lane(counts, 2, <i32>n2), 3, <i32>n3);
}

/**
 * In how many bits four neighbours differ from the weights; they are as far apart as a T is long. Runs are whole threes of words, as those
 * of kernels three wide are.
 */
function differing3<T>(x: usize, dilatedBytes: usize, kernelRows: i32, runBytes: usize, w: usize): v128 {
  let n0: u64 = 0;
  let n1: u64 = 0;
  let n2: u64 = 0;
  let n3: u64 = 0;
  for (let ky = 0; ky < kernelRows; ky++, x += dilatedBytes - runBytes) {
    for (const end = w + runBytes; w < end; w += 24, x += 24) {
      let bits: u64;
      bits = load<u64>(w);
      n0 += popcnt<u64>(bits ^ load<u64>(x));
      n1 += popcnt<u64>(bits ^ load<u64>(x, offsetof<T>()));
      n2 += popcnt<u64>(bits ^ load<u64>(x, 2 * offsetof<T>()));
      n3 += popcnt<u64>(bits ^ load<u64>(x, 3 * offsetof<T>()));
      bits = load<u64>(w, 8);
      n0 += popcnt<u64>(bits ^ load<u64>(x, 8));
      n1 += popcnt<u64>(bits ^ load<u64>(x, 8 + offsetof<T>()));
      n2 += popcnt<u64>(bits ^ load<u64>(x, 8 + 2 * offsetof<T>()));
      n3 += popcnt<u64>(bits ^ load<u64>(x, 8 + 3 * offsetof<T>()));
      bits = load<u64>(w, 16);
      n0 += popcnt<u64>(bits ^ load<u64>(x, 16));
      n1 += popcnt<u64>(bits ^ load<u64>(x, 16 + offsetof<T>()));
      n2 += popcnt<u64>(bits ^ load<u64>(x, 16 + 2 * offsetof<T>()));
      n3 += popcnt<u64>(bits ^ load<u64>(x, 16 + 3 * offsetof<T>()));
    }
  }
  return lanes(n0, n1, n2, n3);
}

/** The same of kernels of 3×3 words: nothing but the counts, each word read once. @inline */
function differing33(x: usize, dilatedBytes: usize, w: usize): v128 {
  let n0: u64 = 0;
  let n1: u64 = 0;
  let n2: u64 = 0;
  let n3: u64 = 0;
  const a0 = load<u64>(x);
  const a1 = load<u64>(x, 8);
  const a2 = load<u64>(x, 16);
  const a3 = load<u64>(x, 24);
  const a4 = load<u64>(x, 32);
  const a5 = load<u64>(x, 40);
  let bits = load<u64>(w);
  n0 += popcnt<u64>(bits ^ a0);
  n1 += popcnt<u64>(bits ^ a1);
  n2 += popcnt<u64>(bits ^ a2);
  n3 += popcnt<u64>(bits ^ a3);
  bits = load<u64>(w, 8);
  n0 += popcnt<u64>(bits ^ a1);
  n1 += popcnt<u64>(bits ^ a2);
  n2 += popcnt<u64>(bits ^ a3);
  n3 += popcnt<u64>(bits ^ a4);
  bits = load<u64>(w, 16);
  n0 += popcnt<u64>(bits ^ a2);
  n1 += popcnt<u64>(bits ^ a3);
  n2 += popcnt<u64>(bits ^ a4);
  n3 += popcnt<u64>(bits ^ a5);
  x += dilatedBytes;
  const b0 = load<u64>(x);
  const b1 = load<u64>(x, 8);
  const b2 = load<u64>(x, 16);
  const b3 = load<u64>(x, 24);
  const b4 = load<u64>(x, 32);
  const b5 = load<u64>(x, 40);
  bits = load<u64>(w, 24);
  n0 += popcnt<u64>(bits ^ b0);
  n1 += popcnt<u64>(bits ^ b1);
  n2 += popcnt<u64>(bits ^ b2);
  n3 += popcnt<u64>(bits ^ b3);
  bits = load<u64>(w, 32);
  n0 += popcnt<u64>(bits ^ b1);
  n1 += popcnt<u64>(bits ^ b2);
  n2 += popcnt<u64>(bits ^ b3);
  n3 += popcnt<u64>(bits ^ b4);
  bits = load<u64>(w, 40);
  n0 += popcnt<u64>(bits ^ b2);
  n1 += popcnt<u64>(bits ^ b3);
  n2 += popcnt<u64>(bits ^ b4);
  n3 += popcnt<u64>(bits ^ b5);
  x += dilatedBytes;
  const c0 = load<u64>(x);
  const c1 = load<u64>(x, 8);
  const c2 = load<u64>(x, 16);
  const c3 = load<u64>(x, 24);
  const c4 = load<u64>(x, 32);
  const c5 = load<u64>(x, 40);
  bits = load<u64>(w, 48);
  n0 += popcnt<u64>(bits ^ c0);
  n1 += popcnt<u64>(bits ^ c1);
  n2 += popcnt<u64>(bits ^ c2);
  n3 += popcnt<u64>(bits ^ c3);
  bits = load<u64>(w, 56);
  n0 += popcnt<u64>(bits ^ c1);
  n1 += popcnt<u64>(bits ^ c2);
  n2 += popcnt<u64>(bits ^ c3);
  n3 += popcnt<u64>(bits ^ c4);
  bits = load<u64>(w, 64);
  n0 += popcnt<u64>(bits ^ c2);
  n1 += popcnt<u64>(bits ^ c3);
  n2 += popcnt<u64>(bits ^ c4);
  n3 += popcnt<u64>(bits ^ c5);
  return lanes(n0, n1, n2, n3);
}

/** The same for any distance and any run. */
function differingAt(step: usize, x: usize, dilatedBytes: usize, kernelRows: i32, runBytes: usize, w: usize): v128 {
  let n0: u64 = 0;
  let n1: u64 = 0;
  let n2: u64 = 0;
  let n3: u64 = 0;
  for (let ky = 0; ky < kernelRows; ky++, x += dilatedBytes - runBytes) {
    for (const end = w + runBytes; w < end; w += 8, x += 8) {
      const bits = load<u64>(w);
      n0 += popcnt<u64>(bits ^ load<u64>(x));
      n1 += popcnt<u64>(bits ^ load<u64>(x + step));
      n2 += popcnt<u64>(bits ^ load<u64>(x + 2 * step));
      n3 += popcnt<u64>(bits ^ load<u64>(x + 3 * step));
    }
  }
  return lanes(n0, n1, n2, n3);
}

/**
 * One image. `weights` [rows][kernelRows][runBytes]: the taps of one row of the kernel lie side by side, as the pixels do. `sums`
 * [rows][classes][outWidth] (i32) are what twice the counts are taken from; classOf [outHeight] says which of them a row of outputs has.
 * Outputs next to each other are stepBytes apart in x, those below downBytes; rows of the kernel dilatedBytes. Three pixels
 * more than the last output needs are readable in each row.
 */
export function signConv(
  x: usize,
  stepBytes: usize,
  downBytes: usize,
  dilatedBytes: usize,
  kernelRows: i32,
  runBytes: usize,
  weights: usize,
  rows: i32,
  outHeight: i32,
  outWidth: i32,
  sums: usize,
  classes: i32,
  classOf: usize,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  y: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const outBytes = (<usize>outWidth) << 2;
  const weightBytes = <usize>kernelRows * runBytes;
  // of a kernel that is not three wide: as any distance
  const words33 = runBytes === 24 && kernelRows === 3 && stepBytes === 8;
  const step = runBytes % 24 === 0 ? stepBytes : 0;
  for (let o = 0; o < rows; o++) {
    const scales = v128.load32_splat(scale + ((<usize>o) << 2));
    const biases = v128.load32_splat(bias + ((<usize>o) << 2));
    for (let oy = 0; oy < outHeight; oy++, y += outBytes) {
      const row = x + <usize>oy * downBytes;
      const from = sums + <usize>(o * classes + load<i32>(classOf + ((<usize>oy) << 2))) * outBytes;
      for (let p = 0; p < outWidth; p += 4) {
        // the last vector may overlap the one before
        const q = <usize>max(0, min(p, outWidth - 4));
        const at = row + q * stepBytes;
        let counts: v128;
        if (words33) counts = differing33(at, dilatedBytes, weights);
        else if (step === 8) counts = differing3<OneWord>(at, dilatedBytes, kernelRows, runBytes, weights);
        else if (step === 16) counts = differing3<TwoWords>(at, dilatedBytes, kernelRows, runBytes, weights);
        else if (step === 32) counts = differing3<FourWords>(at, dilatedBytes, kernelRows, runBytes, weights);
        else counts = differingAt(stepBytes, at, dilatedBytes, kernelRows, runBytes, weights);
        const sum = i32x4.sub(v128.load(from + (q << 2)), i32x4.shl(counts, 1));
        const v = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), scales), biases);
        const held = f32x4.pmin(f32x4.pmax(v, lows), highs);
        if (outWidth >= 4) v128.store(y + (q << 2), held);
        else {
          store<f32>(y, f32x4.extract_lane(held, 0));
          if (outWidth > 1) store<f32>(y, f32x4.extract_lane(held, 1), 4);
          if (outWidth > 2) store<f32>(y, f32x4.extract_lane(held, 2), 8);
        }
      }
    }
    weights += weightBytes;
  }
}
