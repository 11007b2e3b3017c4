/** The transpose of a matrix, four rows by four columns at a time. */

/** x [rows][columns] to y [columns][rows]. */
export function flip(x: usize, rows: i32, columns: i32, y: usize): void {
  const ldx = (<usize>columns) << 2;
  const ldy = (<usize>rows) << 2;
  const evenRows = rows & ~3;
  const evenColumns = columns & ~3;
  for (let r = 0; r < evenRows; r += 4)
    for (let c = 0; c < evenColumns; c += 4) {
      const from = x + <usize>r * ldx + ((<usize>c) << 2);
      const to = y + <usize>c * ldy + ((<usize>r) << 2);
      const a = v128.load(from);
      const b = v128.load(from + ldx);
      const d = v128.load(from + 2 * ldx);
      const e = v128.load(from + 3 * ldx);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const de = v128.shuffle<f32>(d, e, 0, 4, 1, 5);
      const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const deHigh = v128.shuffle<f32>(d, e, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(ab, de, 0, 2));
      v128.store(to + ldy, v128.shuffle<i64>(ab, de, 1, 3));
      v128.store(to + 2 * ldy, v128.shuffle<i64>(abHigh, deHigh, 0, 2));
      v128.store(to + 3 * ldy, v128.shuffle<i64>(abHigh, deHigh, 1, 3));
    }
  for (let r = 0; r < rows; r++)
    for (let c = r < evenRows ? evenColumns : 0; c < columns; c++)
      store<f32>(y + <usize>c * ldy + ((<usize>r) << 2), load<f32>(x + <usize>r * ldx + ((<usize>c) << 2)));
}
