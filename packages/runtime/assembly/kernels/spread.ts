/**
 * Planes as kernels that slide over them read them: padded with zeros, and split by the phases of the stride, so that what one weight sees
 * of a row lies side by side and whole planes are one run. Rows are `pitch` numbers apart: zeros before a row serve the row above as well.
 */

/** @inline */
function evens(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

/** Every `stride`-th number. @inline */
export function copyRun(from: usize, stride: i32, to: usize, count: i32): void {
  let i = 0;
  if (stride === 1) for (; i + 4 <= count; i += 4, from += 16, to += 16) v128.store(to, v128.load(from));
  else if (stride === 2) for (; i + 4 <= count; i += 4, from += 32, to += 16) v128.store(to, evens(v128.load(from), v128.load(from, 16)));
  const step = (<usize>stride) << 2;
  for (; i < count; i++, from += step, to += 4) store<f32>(to, load<f32>(from));
}

/** Where the first number of a phase stands that is not padding. @inline */
function firstOf(phase: i32, before: i32, stride: i32): i32 {
  const gap = (phase - before) % stride;
  return gap < 0 ? gap + stride : gap;
}

/**
 * x [planes][height][width] to out [planes][strideY · strideX][planeBytes]. Number (y, x) of a plane goes to the phase
 * ((y + top) % strideY, (x + left) % strideX), there to row (y + top) / strideY and column (x + left) / strideX.
 */
export function spread(
  x: usize,
  planes: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  strideY: i32,
  strideX: i32,
  pitch: i32,
  planeBytes: usize,
  rows: i32,
  out: usize,
): void {
  memory.fill(out, 0, <usize>(planes * strideY * strideX) * planeBytes);
  for (let p = 0; p < planes; p++, x += (<usize>(height * width)) << 2)
    for (let py = 0; py < strideY; py++)
      for (let px = 0; px < strideX; px++, out += planeBytes) {
        const x0 = firstOf(px, left, strideX);
        const count = (width - x0 + strideX - 1) / strideX;
        if (count <= 0) continue;
        for (let y = firstOf(py, top, strideY); y < height; y += strideY) {
          const row = (y + top) / strideY;
          if (row >= rows) break;
          copyRun(
            x + ((<usize>(y * width + x0)) << 2),
            strideX,
            out + ((<usize>(row * pitch + (x0 + left) / strideX)) << 2),
            min(count, pitch),
          );
        }
      }
}

/** Rows of a length that are `pitch` numbers apart, moved together. */
export function gather(x: usize, pitch: i32, xBytes: usize, planes: i32, height: i32, width: i32, y: usize): void {
  for (let p = 0; p < planes; p++, x += xBytes) {
    let row = x;
    for (let r = 0; r < height; r++, row += (<usize>pitch) << 2, y += (<usize>width) << 2) copyRun(row, 1, y, width);
  }
}
