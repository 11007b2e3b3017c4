/**
 * Images brought to another size: a triangle filter, widened where the image shrinks, so that nothing aliases (what Pillow and torchvision
 * call bilinear with antialiasing). Separable, in double precision, the same on every machine.
 */
import type { ImageShape, Split } from './dataset.js';

interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly stride: number;
}

/** For each output position: the first input position that counts, how many do, and their weights, which sum to 1. */
function tapsOf(from: number, to: number): Taps {
  const ratio = from / to;
  const reach = Math.max(1, ratio);
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * stride);
  for (let o = 0; o < to; o++) {
    const centre = (o + 0.5) * ratio;
    const low = Math.max(0, Math.floor(centre - reach + 0.5));
    const high = Math.min(from, Math.floor(centre + reach + 0.5));
    let sum = 0;
    for (let i = low; i < high; i++) sum += weights[o * stride + i - low] = Math.max(0, 1 - Math.abs(i + 0.5 - centre) / reach);
    for (let i = low; i < high; i++) weights[o * stride + i - low]! /= sum;
    first[o] = low;
    count[o] = high - low;
  }
  return { first, count, weights, stride };
}

/** A function that resizes planes of `from` to `height` × `width`. Values may be bytes or floats; the result is not rounded. */
export function resizer(
  from: ImageShape,
  height: number,
  width: number,
): (image: ArrayLike<number>, at: number, out: Float64Array) => void {
  const across = tapsOf(from.width, width);
  const down = tapsOf(from.height, height);
  const rows = new Float64Array(from.height * width);
  return (image, at, out) => {
    for (let c = 0; c < from.channels; c++) {
      const plane = at + c * from.height * from.width;
      for (let y = 0; y < from.height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          const i = plane + y * from.width + across.first[x]!;
          for (let k = 0; k < across.count[x]!; k++) sum += image[i + k]! * across.weights[x * across.stride + k]!;
          rows[y * width + x] = sum;
        }
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let k = 0; k < down.count[y]!; k++) sum += rows[(down.first[y]! + k) * width + x]! * down.weights[y * down.stride + k]!;
          out[(c * height + y) * width + x] = sum;
        }
    }
  };
}

/** All images of a split at another size; the split itself where they have it. Bytes are rounded to bytes. */
export function resizeSplit(split: Split, [height, width]: readonly [number, number]): Split {
  if (split.height === height && split.width === width) return split;
  const resize = resizer(split, height, width);
  const size = split.channels * height * width;
  const image = new Float64Array(size);
  const bytes = split.images instanceof Uint8Array;
  const memory = new SharedArrayBuffer(split.count * size * (bytes ? 1 : 4));
  const images = bytes ? new Uint8Array(memory) : new Float32Array(memory);
  const pixels = split.images.length / split.count;
  for (let n = 0; n < split.count; n++) {
    resize(split.images, n * pixels, image);
    if (bytes) for (let i = 0; i < size; i++) image[i] = Math.round(image[i]!);
    images.set(image, n * size);
  }
  return { ...split, height, width, images };
}
