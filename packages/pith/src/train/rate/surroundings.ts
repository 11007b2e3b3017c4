/**
 * What lies around each entry of a quantized matrix, in the picture that its positions make: how many non-zeros beside it, at its corners and
 * one further out, and which sign those next to it lean to. Work for the non-zeros alone.
 */
import type { PricedShape } from './shape.js';

/** For each entry, row after row. */
export interface Surroundings {
  readonly sides: Uint8Array;
  readonly corners: Uint8Array;
  /** Of the sixteen around these eight. */
  readonly ring: Uint8Array;
  /** Signs of the non-zeros next to it, summed: those at its sides twice. */
  readonly leaning: Int8Array;
}

/** Width of the picture: of the image that is read, of a square kernel, or of a line. */
function widthOf({ positions, imageWidth }: PricedShape): number {
  if (imageWidth !== undefined) return imageWidth;
  const side = Math.round(Math.sqrt(positions));
  return side * side === positions ? side : positions;
}

/** Of the levels of a matrix, row after row, that are not zero at these places. */
export function surroundingsOf(shape: PricedShape, nonZeros: readonly number[], rowwise: Int32Array): Surroundings {
  const { rows, columns, positions } = shape;
  const size = rows * columns * positions;
  const [sides, corners, ring, leaning] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size), new Int8Array(size)];
  const width = widthOf(shape);
  const height = positions / width;
  if (positions === 1) return { sides, corners, ring, leaning };
  for (const at of nonZeros) {
    const p = at % positions;
    const x = p % width;
    const y = (p - x) / width;
    const sign = rowwise[at]! > 0 ? 1 : -1;
    for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++)
      for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++) {
        const there = at - p + v * width + u;
        const [dx, dy] = [Math.abs(u - x), Math.abs(v - y)];
        if (dx > 1 || dy > 1) ring[there]!++;
        else if (dx + dy === 2) {
          corners[there]!++;
          leaning[there]! += sign;
        } else if (dx + dy === 1) {
          sides[there]!++;
          leaning[there]! += 2 * sign;
        }
      }
  }
  return { sides, corners, ring, leaning };
}
