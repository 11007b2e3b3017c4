/**
 * What a transposed convolution does after its product: z [batch][outputs][ky][kx][positions] is added up where each window lies, plus a
 * bias for each output, held in low … high. `form`: batch, outputs, height and width of the positions, outHeight, outWidth, kernel,
 * strides, dilations, pads at the top and left (y before x), int32 each.
 */

/** @inline */
function at(form: usize, i: i32): i32 {
  return load<i32>(form + ((<usize>i) << 2));
}

export function fold(form: usize, z: usize, y: usize, bias: usize, low: f32, high: f32): void {
  const planes = at(form, 0) * at(form, 1);
  const outputs = at(form, 1);
  const height = at(form, 2);
  const width = at(form, 3);
  const outHeight = at(form, 4);
  const outWidth = at(form, 5);
  const sx = at(form, 9);
  const plane = (<usize>(outHeight * outWidth)) << 2;
  for (let p = 0; p < planes; p++, y += plane) {
    const start = load<f32>(bias + ((<usize>(p % outputs)) << 2));
    for (let i: usize = 0; i < plane; i += 4) store<f32>(y + i, start);
    for (let ky = 0; ky < at(form, 6); ky++)
      for (let kx = 0; kx < at(form, 7); kx++) {
        const left = kx * at(form, 11) - at(form, 13);
        for (let r = 0; r < height; r++) {
          const row = r * at(form, 8) + ky * at(form, 10) - at(form, 12);
          const from = z;
          z += (<usize>width) << 2;
          if (row < 0 || row >= outHeight) continue;
          // the positions that lie inside
          let c = left < 0 ? (-left + sx - 1) / sx : 0;
          const last = min(width, (outWidth - left + sx - 1) / sx);
          let to = y + ((<usize>(row * outWidth + left + c * sx)) << 2);
          for (; c < last; c++, to += (<usize>sx) << 2) store<f32>(to, load<f32>(to) + load<f32>(from + ((<usize>c) << 2)));
        }
      }
    for (let i: usize = 0; i < plane; i += 4) store<f32>(y + i, min(max(load<f32>(y + i), low), high));
  }
}
