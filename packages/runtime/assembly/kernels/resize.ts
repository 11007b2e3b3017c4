/** Planes resampled to another height and width. Tables say for each output row and column where to read. */

/** `rows` and `columns`: the nearest row and column, int32. */
export function resizeNearest(
  x: usize,
  y: usize,
  planes: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  rows: usize,
  columns: usize,
): void {
  for (let p = 0; p < planes; p++, x += (<usize>(height * width)) << 2)
    for (let r = 0; r < outHeight; r++) {
      const row = x + ((<usize>(load<i32>(rows + ((<usize>r) << 2)) * width)) << 2);
      for (let c = 0; c < outWidth; c++, y += 4) store<f32>(y, load<f32>(row + ((<usize>load<i32>(columns + ((<usize>c) << 2))) << 2)));
    }
}

/**
 * Sums of so many neighbours. `rows` and `columns`: for each output row and column where they are, int32, then their weights, float32.
 * Rows are summed first, into `line`, which has room for the width and four more.
 */
export function resizeWeighted(
  x: usize,
  y: usize,
  planes: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  rows: usize,
  columns: usize,
  taps: i32,
  line: usize,
): void {
  const wide = (<usize>taps) << 2;
  const rowBytes = (<usize>width) << 2;
  for (let p = 0; p < planes; p++, x += <usize>height * rowBytes) {
    let row = rows;
    for (let r = 0; r < outHeight; r++, row += wide << 1) {
      for (let c: usize = 0; c < rowBytes; c += 16) {
        let sum = f32x4.splat(0);
        for (let t: usize = 0; t < wide; t += 4)
          sum = f32x4.add(sum, f32x4.mul(v128.load(x + <usize>load<i32>(row + t) * rowBytes + c), v128.load32_splat(row + wide + t)));
        v128.store(line + c, sum);
      }
      let column = columns;
      for (let c = 0; c < outWidth; c++, y += 4, column += wide << 1) {
        let sum: f32 = 0;
        for (let t: usize = 0; t < wide; t += 4)
          sum += load<f32>(line + ((<usize>load<i32>(column + t)) << 2)) * load<f32>(column + wide + t);
        store<f32>(y, sum);
      }
    }
  }
}
