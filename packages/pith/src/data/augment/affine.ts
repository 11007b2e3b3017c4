/**
 * Small rotations, stretches, shears and moves by parts of a pixel, about the middle of the image, with bilinear sampling. Each number is
 * drawn uniformly within ± its setting; the two axes are stretched independently.
 */
import { z } from 'zod';
import { turn } from '../angle.js';
import type { ImageShape } from '../dataset.js';
import { policy } from './policy.js';

const settings = z.strictObject({
  /** Degrees. */
  rotate: z.number().min(0).max(180).default(0),
  /** Part of the size: 0.07 is 0.93 … 1.07. */
  scale: z.number().min(0).max(0.9).default(0),
  /** Pixels sideways for each pixel down. */
  shear: z.number().min(0).max(2).default(0),
  /** Pixels. */
  shift: z.number().min(0).max(1024).default(0),
  fill: z.enum(['zero', 'edge']).default('zero'),
});

export const affine = policy({
  what: 'rotate, stretch, shear and move by parts of a pixel',
  settings,
  prepare: ({ rotate, scale, shear, shift, fill }, shape) => {
    const sample = sampler(shape, fill);
    const radians = (rotate * Math.PI) / 180;
    return (from, to, random) => {
      const { cos, sin } = turn(random.around(radians));
      const across = 1 + random.around(scale);
      const down = 1 + random.around(scale);
      const slant = random.around(shear);
      const dx = random.around(shift);
      const dy = random.around(shift);
      // Where an output pixel comes from: rotation times shear times stretch.
      sample(from, to, cos * across, cos * slant * across - sin * down, sin * across, sin * slant * across + cos * down, dx, dy);
      return true;
    };
  },
});

/**
 * A function that fills `to` from `from`: output (x, y), counted from the middle, takes its value at (xx·x + xy·y + dx, yx·x + yy·y + dy).
 */
export function sampler(shape: ImageShape, fill: 'zero' | 'edge') {
  const { channels, height, width } = shape;
  const area = height * width;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const tap = (from: Float32Array, plane: number, x: number, y: number): number => {
    const inside = x >= 0 && x < width && y >= 0 && y < height;
    if (!inside && fill === 'zero') return 0;
    return from[plane + Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)]!;
  };
  return (from: Float32Array, to: Float32Array, xx: number, xy: number, yx: number, yy: number, dx: number, dy: number): void => {
    for (let y = 0; y < height; y++) {
      let sx = cx + dx - xx * cx + xy * (y - cy);
      let sy = cy + dy - yx * cx + yy * (y - cy);
      for (let x = 0; x < width; x++, sx += xx, sy += yx) {
        const out = y * width + x;
        if (sx >= 0 && sy >= 0 && sx < width - 1 && sy < height - 1) {
          const ix = sx | 0;
          const iy = sy | 0;
          const u = sx - ix;
          const v = sy - iy;
          for (let plane = 0; plane < channels * area; plane += area) {
            const at = plane + iy * width + ix;
            const upper = from[at]! + u * (from[at + 1]! - from[at]!);
            const lower = from[at + width]! + u * (from[at + width + 1]! - from[at + width]!);
            to[plane + out] = upper + v * (lower - upper);
          }
        } else {
          const ix = Math.floor(sx);
          const iy = Math.floor(sy);
          const u = sx - ix;
          const v = sy - iy;
          for (let plane = 0; plane < channels * area; plane += area) {
            const upper = (1 - u) * tap(from, plane, ix, iy) + u * tap(from, plane, ix + 1, iy);
            const lower = (1 - u) * tap(from, plane, ix, iy + 1) + u * tap(from, plane, ix + 1, iy + 1);
            to[plane + out] = (1 - v) * upper + v * lower;
          }
        }
      }
    }
  };
}
