/** Moves an image by whole pixels. What comes in from outside is 0, the nearest edge, or the image mirrored at its edge. */
import type { ImageShape } from '../dataset.js';

export type Fill = 'zero' | 'edge' | 'reflect';

/** A function that moves images by (dx, dy); |dx| and |dy| are below width and height. */
export function translator(shape: ImageShape, fill: Fill): (from: Float32Array, to: Float32Array, dx: number, dy: number) => void {
  const { channels, height, width } = shape;
  const outside = (from: Float32Array, start: number, x: number): number => {
    const at = source(x, width, fill);
    return at < 0 ? 0 : from[start + at]!;
  };
  return (from, to, dx, dy) => {
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++) {
        const row = (c * height + y) * width;
        const sy = source(y - dy, height, fill);
        if (sy < 0) {
          to.fill(0, row, row + width);
          continue;
        }
        const start = (c * height + sy) * width;
        const left = Math.max(0, dx);
        const right = Math.min(width, width + dx);
        for (let x = 0; x < left; x++) to[row + x] = outside(from, start, x - dx);
        for (let x = left; x < right; x++) to[row + x] = from[start + x - dx]!;
        for (let x = right; x < width; x++) to[row + x] = outside(from, start, x - dx);
      }
  };
}

/** The position that stands in for `i`, or −1 for 0. */
function source(i: number, n: number, fill: Fill): number {
  if (i >= 0 && i < n) return i;
  if (fill === 'zero') return -1;
  if (fill === 'edge' || n === 1) return i < 0 ? 0 : n - 1;
  return i < 0 ? Math.min(-i, n - 1) : Math.max(2 * n - 2 - i, 0);
}
