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

/** The two neighbours and the share of the second: int32, int32, float32 for each output row and column. */
export function resizeLinear(
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
      const row = rows + <usize>r * 12;
      const above = x + ((<usize>(load<i32>(row) * width)) << 2);
      const below = x + ((<usize>(load<i32>(row, 4) * width)) << 2);
      const v = load<f32>(row, 8);
      for (let c = 0; c < outWidth; c++, y += 4) {
        const column = columns + <usize>c * 12;
        const left = (<usize>load<i32>(column)) << 2;
        const right = (<usize>load<i32>(column, 4)) << 2;
        const u = load<f32>(column, 8);
        const a = load<f32>(above + left) * (1 - u) + load<f32>(above + right) * u;
        const b = load<f32>(below + left) * (1 - u) + load<f32>(below + right) * u;
        store<f32>(y, a * (1 - v) + b * v);
      }
    }
}
