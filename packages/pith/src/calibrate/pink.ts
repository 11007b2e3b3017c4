/**
 * Pink noise: pictures whose detail is about as strong at each scale, as that of photographs is (Field, 1987). A sum of octaves, each of
 * random numbers on a grid twice as fine as the one before, interpolated linearly.
 */
import type { Random } from '../base/random.js';
import { sizeOf } from '../base/tensor.js';

/** One picture over any number of axes, of mean about 0 and variance about 1. */
export function pinkNoise(random: Random, dims: readonly number[]): Float32Array {
  const sum = new Float32Array(sizeOf(dims));
  const octaves = Math.max(1, Math.ceil(Math.log2(Math.max(2, ...dims))));
  for (let octave = 1; octave <= octaves; octave++) {
    const grid = dims.map((d) => Math.min(d, 2 ** octave));
    let values: Float32Array = Float32Array.from({ length: sizeOf(grid) }, () => random.normal());
    const now = [...grid];
    dims.forEach((size, axis) => {
      values = stretched(values, now, axis, size);
      now[axis] = size;
    });
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
  }
  return unit(sum);
}

/** Linear interpolation along one axis, the ends kept. */
function stretched(values: Float32Array, dims: readonly number[], axis: number, size: number): Float32Array {
  const from = dims[axis]!;
  if (from === size) return values;
  const inner = sizeOf(dims.slice(axis + 1));
  const outer = sizeOf(dims.slice(0, axis));
  const out = new Float32Array(outer * size * inner);
  for (let i = 0; i < size; i++) {
    const at = size > 1 ? (i * (from - 1)) / (size - 1) : 0;
    const low = Math.min(Math.floor(at), Math.max(0, from - 2));
    const high = Math.min(low + 1, from - 1);
    const share = at - low;
    for (let o = 0; o < outer; o++)
      for (let k = 0; k < inner; k++)
        out[(o * size + i) * inner + k] =
          (1 - share) * values[(o * from + low) * inner + k]! + share * values[(o * from + high) * inner + k]!;
  }
  return out;
}

function unit(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 1;
  return values.map((v) => v * scale);
}
