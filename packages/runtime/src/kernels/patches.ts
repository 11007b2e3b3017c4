/** Where the elements of the matrix of patches lie in spread planes, as two tables of bytes whose sums are their places. */
import type { ConvShape } from './choice.js';
import type { Geometry } from './geometry.js';

/** Where each weight of an output looks, for the first pixel. */
export function tapTable({ channels, groups, kernel }: ConvShape, geometry: Geometry): Int32Array {
  const table = new Int32Array((channels / groups) * kernel[0] * kernel[1]);
  let i = 0;
  for (let c = 0; c < channels / groups; c++)
    for (let ky = 0; ky < kernel[0]; ky++) for (let kx = 0; kx < kernel[1]; kx++) table[i++] = geometry.offset(c, ky, kx);
  return table;
}

/** How far each pixel is from the first; whole strips of eight, filled up with the last one. */
export function pixelTable({ outHeight, outWidth }: ConvShape, { pitch, flat }: Geometry): Int32Array {
  const pixels = outHeight * outWidth;
  const table = new Int32Array(Math.ceil(pixels / 8) * 8);
  for (let y = 0, i = 0; y < outHeight; y++) for (let x = 0; x < outWidth; x++) table[i++] = 4 * (y * pitch + x);
  return table.fill(4 * (flat - 1), pixels);
}
