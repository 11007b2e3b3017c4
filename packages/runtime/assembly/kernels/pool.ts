/**
 * Largest value or mean of windows over two axes. `form`: planes, height, width, outHeight, outWidth, kernel, strides, dilations, pads at
 * the top and left (y before x), int32 each. Rows of a window are reduced first, into a padded line; then its columns.
 */

/** @inline */
function join(largest: bool, a: v128, b: v128): v128 {
  return largest ? f32x4.max(a, b) : f32x4.add(a, b);
}

/** @inline */
function join1(largest: bool, a: f32, b: f32): f32 {
  return largest ? max(a, b) : a + b;
}

/** @inline */
function at(form: usize, i: i32): i32 {
  return load<i32>(form + ((<usize>i) << 2));
}

/**
 * `line`: room for (outWidth − 1)·stride + (kernel − 1)·dilation + 1 floats and four more. `rowCounts` and `columnCounts`: how many rows
 * and columns the windows of an output row or column count (for the mean; not read for the largest).
 */
/** @inline */
function pool(largest: bool, form: usize, x: usize, y: usize, line: usize, rowCounts: usize, columnCounts: usize): void {
  const planes = at(form, 0);
  const height = at(form, 1);
  const width = at(form, 2);
  const outHeight = at(form, 3);
  const outWidth = at(form, 4);
  const ky = at(form, 5);
  const kx = at(form, 6);
  const sy = at(form, 7);
  const sx = at(form, 8);
  const dy = at(form, 9);
  const dx = at(form, 10);
  const py = at(form, 11);
  const px = at(form, 12);
  const length = (outWidth - 1) * sx + (kx - 1) * dx + 1;
  const empty: f32 = largest ? -Infinity : 0;
  const nothing = f32x4.splat(empty);
  const seen = min(width, length - px);
  for (let i = 0; i < length + 4; i++) store<f32>(line + ((<usize>i) << 2), empty);
  for (let p = 0; p < planes; p++, x += (<usize>(height * width)) << 2)
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * sy - py;
      const first = top < 0 ? (-top + dy - 1) / dy : 0;
      const last = min(ky, (height - top + dy - 1) / dy);
      const rowBytes = (<usize>(width * dy)) << 2;
      const from = x + ((<usize>((top + first * dy) * width)) << 2);
      const to = line + ((<usize>px) << 2);
      let c = 0;
      for (; c + 4 <= seen; c += 4) {
        let v = nothing;
        let row = from + ((<usize>c) << 2);
        for (let k = first; k < last; k++, row += rowBytes) v = join(largest, v, v128.load(row));
        v128.store(to + ((<usize>c) << 2), v);
      }
      for (; c < seen; c++) {
        let v = empty;
        let row = from + ((<usize>c) << 2);
        for (let k = first; k < last; k++, row += rowBytes) v = join1(largest, v, load<f32>(row));
        store<f32>(to + ((<usize>c) << 2), v);
      }
      const rows = f32x4.splat(largest ? 1 : load<f32>(rowCounts + ((<usize>oy) << 2)));
      let ox = 0;
      if (sx <= 2)
        for (; ox + 4 <= outWidth; ox += 4) {
          let v = nothing;
          const start = line + ((<usize>(ox * sx)) << 2);
          for (let k = 0; k < kx; k++) {
            const i = start + ((<usize>(k * dx)) << 2);
            v = join(largest, v, sx === 1 ? v128.load(i) : v128.shuffle<f32>(v128.load(i), v128.load(i, 16), 0, 2, 4, 6));
          }
          if (!largest) v = f32x4.div(v, f32x4.mul(rows, v128.load(columnCounts + ((<usize>ox) << 2))));
          v128.store(y, v);
          y += 16;
        }
      for (; ox < outWidth; ox++, y += 4) {
        let v = empty;
        const start = line + ((<usize>(ox * sx)) << 2);
        for (let k = 0; k < kx; k++) v = join1(largest, v, load<f32>(start + ((<usize>(k * dx)) << 2)));
        if (!largest) v /= f32x4.extract_lane(rows, 0) * load<f32>(columnCounts + ((<usize>ox) << 2));
        store<f32>(y, v);
      }
    }
}

export function maxPool(form: usize, x: usize, y: usize, line: usize): void {
  pool(true, form, x, y, line, 0, 0);
}

export function averagePool(form: usize, x: usize, y: usize, line: usize, rowCounts: usize, columnCounts: usize): void {
  pool(false, form, x, y, line, rowCounts, columnCounts);
}

/** Windows of 2×2 in steps of 2 without padding. */
export function maxPool2(x: usize, y: usize, planes: i32, height: i32, width: i32): void {
  const rowBytes = (<usize>width) << 2;
  const outWidth = width >> 1;
  for (let p = 0; p < planes; p++, x += <usize>height * rowBytes)
    for (let r = 0; r + 2 <= height; r += 2) {
      let i = x + <usize>r * rowBytes;
      let c = 0;
      for (; c + 4 <= outWidth; c += 4, i += 32, y += 16) {
        const a = f32x4.max(v128.load(i), v128.load(i + rowBytes));
        const b = f32x4.max(v128.load(i, 16), v128.load(i + rowBytes, 16));
        v128.store(y, f32x4.max(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7)));
      }
      for (; c < outWidth; c++, i += 8, y += 4)
        store<f32>(y, max(max(load<f32>(i), load<f32>(i, 4)), max(load<f32>(i + rowBytes), load<f32>(i + rowBytes, 4))));
    }
}
