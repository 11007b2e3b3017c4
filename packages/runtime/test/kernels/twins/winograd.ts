/** Winograd's convolution beside the convolution as it is defined. */
import { geometryOf } from '../../../src/kernels/geometry.js';
import { packPanels, panelLength } from '../../../src/kernels/panels.js';
import { noise, type Tolerance, type Twin, type TwinCase } from '../twin.js';

/** Sums of sums: an output is made of 16 products, whose factors are sums of up to four numbers. */
const tolerance = (channels: number): Tolerance => ({
  absolute: 2 ** -23 * 36 * channels,
  relative: 2 ** -20,
  because: `16 sums of ${channels} products of factors up to 4`,
});

const lift = ([a = 0, b = 0, c = 0]: readonly number[]): number[] => [a, (a + b + c) / 2, (a - b + c) / 2, c];

/** G·g·Gᵀ as 16 packed matrices. */
function transformed(weight: Float32Array, rows: number, channels: number): Float32Array {
  const length = panelLength(rows, channels);
  const out = new Float32Array(16 * length);
  const pairs = Array.from({ length: rows * channels }, (_, pair) => {
    const g = weight.subarray(9 * pair, 9 * pair + 9);
    const half = [0, 1, 2].map((j) => lift([g[j]!, g[3 + j]!, g[6 + j]!]));
    return [0, 1, 2, 3].flatMap((i) => lift(half.map((column) => column[i]!)));
  });
  for (let e = 0; e < 16; e++) {
    const matrix = Float32Array.from(pairs, (pair) => pair[e]!);
    packPanels(matrix, rows, channels, out.subarray(e * length, (e + 1) * length));
  }
  return out;
}

function caseOf(channels: number, rows: number, height: number, width: number): TwinCase {
  return {
    what: `${channels}→${rows}, ${height}×${width}`,
    tolerance: tolerance(channels),
    run(machine, spoil) {
      const [x, w, bias] = [noise(channels * height * width, 1), noise(rows * channels * 9, 2), noise(rows, 3)];
      const expected: number[] = [];
      for (let o = 0; o < rows; o++)
        for (let y = 0; y < height; y++)
          for (let i = 0; i < width; i++) {
            let sum = bias[o]!;
            for (let c = 0; c < channels; c++)
              for (let tap = 0; tap < 9; tap++) {
                const [iy, ix] = [y + Math.floor(tap / 3) - 1, i + (tap % 3) - 1];
                if (iy >= 0 && iy < height && ix >= 0 && ix < width)
                  sum += w[(o * channels + c) * 9 + tap]! * x[(c * height + iy) * width + ix]!;
              }
            expected.push(Math.max(sum, -1));
          }
      spoil(x);
      spoil(bias);
      const { pitch, planeBytes, planeRows } = geometryOf({
        batch: 1,
        channels,
        height,
        width,
        outputs: rows,
        groups: 1,
        kernel: [4, 4],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [1, 1, 1, 1],
        outHeight: Math.ceil(height / 2),
        outWidth: Math.ceil(width / 2),
      });
      const [xp, wp, bp] = [machine.put(x), machine.put(transformed(w, rows, channels)), machine.put(bias)];
      const y = machine.allocate(4 * expected.length);
      const { spread, winograd, winogradScratch } = machine.exports;
      const tiles = Math.ceil(height / 2);
      const planes = machine.allocate(4 * channels * planeBytes);
      const scratch = machine.allocate(winogradScratch(channels, rows, tiles, pitch));
      spread(xp, channels, height, width, 1, 1, 2, 2, pitch, planeBytes, planeRows, planes);
      // in two runs, the first of which may be empty
      for (const [first, end] of [
        [0, tiles >> 1],
        [tiles >> 1, tiles],
      ] as const)
        winograd(planes, channels, pitch, planeBytes, wp, rows, first, end, height, width, bp, -1, Infinity, y, scratch);
      return { actual: machine.floats(y, expected.length), expected };
    },
  };
}

export const winograd: Twin = {
  name: 'winograd',
  cases: [
    ...[1, 3, 5, 7, 8, 9, 14, 15].flatMap((width) => [1, 2, 5, 8].map((height) => caseOf(2, 3, height, width))),
    ...[1, 4, 7].map((rows) => caseOf(3, rows, 8, 8)),
    caseOf(40, 5, 30, 33),
    caseOf(400, 4, 8, 8),
  ],
};
