/**
 * Convolution of weights and activations that are −1 or 1. Six channels of a pixel have only 64 sums, one for each choice of six weights, and
 * half of them are the others with another sign: 32 are made once for all outputs, and 96 products are then one addition of sixteen bytes
 * (Arlazarov et al., "On economical construction of the transitive closure of a directed graph", 1970). WebAssembly counts the bits of 64
 * products in an instruction.
 */

/** Four sums of sixteen pixels, planeBytes apart: `more` and both of a, b with their signs. @inline */
function putFour(to: usize, planeBytes: usize, more: v128, both: v128, less: v128): void {
  v128.store(to, i8x16.sub(more, both));
  v128.store(to + planeBytes, i8x16.add(more, less));
  v128.store(to + 2 * planeBytes, i8x16.sub(more, less));
  v128.store(to + 3 * planeBytes, i8x16.add(more, both));
}

/** Sixteen of them: `more` and four with their signs. @inline */
function putSixteen(to: usize, planeBytes: usize, more: v128, ab: v128, abLess: v128, cd: v128, cdLess: v128): void {
  putFour(to, planeBytes, i8x16.sub(more, cd), ab, abLess);
  putFour(to + 4 * planeBytes, planeBytes, i8x16.add(more, cdLess), ab, abLess);
  putFour(to + 8 * planeBytes, planeBytes, i8x16.sub(more, cdLess), ab, abLess);
  putFour(to + 12 * planeBytes, planeBytes, i8x16.add(more, cd), ab, abLess);
}

/**
 * One image as sums of six channels: `out` [⌈channels / 6⌉][32][planeBytes] (i8), for each six by the signs of their weights, whose bit k is 1
 * where that of channel k is positive; that of the last counts as positive. Pixel (row, column) stands at rowAt[row] + columnAt[column] (i32),
 * columns next to each other where `contiguous` is 1; what no pixel has is 0. `planes` [6][planeBytes] is scratch; planeBytes is a multiple of
 * sixteen.
 */
export function signSums(
  x: usize,
  channels: i32,
  height: i32,
  width: i32,
  rowAt: usize,
  columnAt: usize,
  contiguous: i32,
  planeBytes: usize,
  planes: usize,
  out: usize,
): void {
  const zero = f32x4.splat(0);
  const one = i32x4.splat(1);
  const rowBytes = (<usize>width) << 2;
  memory.fill(planes, 0, 6 * planeBytes);
  for (let first = 0; first < channels; first += 6, out += 31 * planeBytes) {
    for (let k = 0; k < 6; k++) {
      const plane = planes + <usize>k * planeBytes;
      if (first + k >= channels) {
        memory.fill(plane, 0, planeBytes);
        continue;
      }
      for (let r = 0; r < height; r++, x += rowBytes) {
        const row = plane + <usize>load<i32>(rowAt + ((<usize>r) << 2));
        if (contiguous && width >= 4) {
          const to = row + <usize>load<i32>(columnAt);
          for (let p = 0; p < width; p += 4) {
            // the last vector may overlap the one before
            const q = <usize>min(p, width - 4);
            const sign = v128.or(v128.not(f32x4.gt(v128.load(x + (q << 2)), zero)), one);
            const words = i16x8.narrow_i32x4_s(sign, sign);
            v128.store32_lane(to + q, i8x16.narrow_i16x8_s(words, words), 0);
          }
          continue;
        }
        for (let p: usize = 0; p < rowBytes; p += 4) store<i8>(row + <usize>load<i32>(columnAt + p), load<f32>(x + p) > 0 ? 1 : -1);
      }
    }
    const end = planes + planeBytes;
    for (let at = planes; at < end; at += 16, out += 16) {
      const a = v128.load(at);
      const b = v128.load(at + planeBytes);
      const c = v128.load(at + 2 * planeBytes);
      const d = v128.load(at + 3 * planeBytes);
      const e = v128.load(at + 4 * planeBytes);
      const f = v128.load(at + 5 * planeBytes);
      const ab = i8x16.add(a, b);
      const cd = i8x16.add(c, d);
      const abLess = i8x16.sub(a, b);
      const cdLess = i8x16.sub(c, d);
      putSixteen(out, planeBytes, i8x16.sub(f, e), ab, abLess, cd, cdLess);
      putSixteen(out + 16 * planeBytes, planeBytes, i8x16.add(f, e), ab, abLess, cd, cdLess);
    }
  }
}

/** So many sums of six fit a byte. */
const byteful = 21;
/** Pixels that are computed together. */
const block = 64;

/**
 * One image. `table` is what signSums makes; `offsets` [outputs][terms] (u32) say where in it the sums stand that make an output, for its first
 * pixel: first so many that are subtracted as `subtracted` [outputs] (i32) says, then those that are added. Outputs next to each other are a
 * byte apart, those below `pitch`; 64 bytes behind the table are readable. The sum of an output fits 16 bits. `sums` [64] (i16) is scratch.
 */
export function signConv(
  table: usize,
  pitch: i32,
  offsets: usize,
  terms: i32,
  subtracted: usize,
  outputs: i32,
  outHeight: i32,
  outWidth: i32,
  scale: usize,
  bias: usize,
  low: f32,
  high: f32,
  sums: usize,
  y: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const pixels = (outHeight - 1) * pitch + outWidth;
  for (let from = 0; from < pixels; from += block, table += block) {
    let list = offsets;
    for (let o: usize = 0; o < <usize>outputs; o++) {
      const zero = i32x4.splat(0);
      let l0 = zero;
      let l1 = zero;
      let l2 = zero;
      let l3 = zero;
      let h0 = zero;
      let h1 = zero;
      let h2 = zero;
      let h3 = zero;
      const less = load<i32>(subtracted + (o << 2));
      for (let added = 0; added < 2; added++) {
        l0 = i16x8.neg(l0);
        l1 = i16x8.neg(l1);
        l2 = i16x8.neg(l2);
        l3 = i16x8.neg(l3);
        h0 = i16x8.neg(h0);
        h1 = i16x8.neg(h1);
        h2 = i16x8.neg(h2);
        h3 = i16x8.neg(h3);
        for (let left = added ? terms - less : less; left > 0; left -= byteful) {
          const n = min(left, byteful);
          let a0 = zero;
          let a1 = zero;
          let a2 = zero;
          let a3 = zero;
          if (n & 1) {
            const at = table + load<u32>(list);
            a0 = v128.load(at);
            a1 = v128.load(at, 16);
            a2 = v128.load(at, 32);
            a3 = v128.load(at, 48);
            list += 4;
          }
          for (const end = list + ((<usize>(n & ~1)) << 2); list < end; list += 8) {
            let at = table + load<u32>(list);
            a0 = i8x16.add(a0, v128.load(at));
            a1 = i8x16.add(a1, v128.load(at, 16));
            a2 = i8x16.add(a2, v128.load(at, 32));
            a3 = i8x16.add(a3, v128.load(at, 48));
            at = table + load<u32>(list, 4);
            a0 = i8x16.add(a0, v128.load(at));
            a1 = i8x16.add(a1, v128.load(at, 16));
            a2 = i8x16.add(a2, v128.load(at, 32));
            a3 = i8x16.add(a3, v128.load(at, 48));
          }
          l0 = i16x8.add(l0, i16x8.extend_low_i8x16_s(a0));
          l1 = i16x8.add(l1, i16x8.extend_low_i8x16_s(a1));
          l2 = i16x8.add(l2, i16x8.extend_low_i8x16_s(a2));
          l3 = i16x8.add(l3, i16x8.extend_low_i8x16_s(a3));
          h0 = i16x8.add(h0, i16x8.extend_high_i8x16_s(a0));
          h1 = i16x8.add(h1, i16x8.extend_high_i8x16_s(a1));
          h2 = i16x8.add(h2, i16x8.extend_high_i8x16_s(a2));
          h3 = i16x8.add(h3, i16x8.extend_high_i8x16_s(a3));
        }
      }
      v128.store(sums, l0);
      v128.store(sums, h0, 16);
      v128.store(sums, l1, 32);
      v128.store(sums, h1, 48);
      v128.store(sums, l2, 64);
      v128.store(sums, h2, 80);
      v128.store(sums, l3, 96);
      v128.store(sums, h3, 112);
      const scales = v128.load32_splat(scale + (o << 2));
      const biases = v128.load32_splat(bias + (o << 2));
      let row = from / pitch;
      let column = from % pitch;
      for (let at = 0; at < block && row < outHeight; at += pitch - column, column = 0, row++) {
        // what lies between rows is left out
        const count = min(outWidth - column, block - at);
        let sum = sums + ((<usize>at) << 1);
        let to = y + ((o * <usize>(outHeight * outWidth) + <usize>(row * outWidth + column)) << 2);
        for (let p = 0; p < count; p += 4, sum += 8, to += 16) {
          const v = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(v128.load16x4_s(sum)), scales), biases);
          const held = f32x4.pmin(f32x4.pmax(v, lows), highs);
          const n = count - p;
          if (n >= 4) v128.store(to, held);
          else {
            store<f32>(to, f32x4.extract_lane(held, 0));
            if (n > 1) store<f32>(to, f32x4.extract_lane(held, 1), 4);
            if (n > 2) store<f32>(to, f32x4.extract_lane(held, 2), 8);
          }
        }
      }
    }
  }
}
