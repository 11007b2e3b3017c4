/** The sum of a transposed convolution, number by number. */
import { noise, sumOf, type Twin, type TwinCase } from '../twin.js';

function foldCase(size: number, kernel: number, stride: number, dilation: number, pad: number): TwinCase {
  const [batch, outputs, height] = [2, 3, 4];
  const outOf = (n: number): number => (n - 1) * stride + (kernel - 1) * dilation + 1 - 2 * pad;
  const [outHeight, outWidth] = [outOf(height), outOf(size)];
  return {
    what: `${height}×${size}, ${kernel}×${kernel} by ${stride}, dilation ${dilation}, pads ${pad}`,
    tolerance: sumOf(kernel * kernel + 1),
    run(machine, spoil) {
      const taps = kernel * kernel;
      const [z, bias] = [noise(batch * outputs * taps * height * size, 1), noise(outputs, 2)];
      const sums = Float64Array.from(
        { length: batch * outputs * outHeight * outWidth },
        (_, i) => bias[Math.floor(i / (outHeight * outWidth)) % outputs]!,
      );
      z.forEach((v, i) => {
        const [c, r, tap, p] = [
          i % size,
          Math.floor(i / size) % height,
          Math.floor(i / (size * height)) % taps,
          Math.floor(i / (size * height * taps)),
        ];
        const y = r * stride + Math.floor(tap / kernel) * dilation - pad;
        const x = c * stride + (tap % kernel) * dilation - pad;
        if (y >= 0 && y < outHeight && x >= 0 && x < outWidth) sums[(p * outHeight + y) * outWidth + x]! += v;
      });
      const expected = sums.map((v) => Math.min(Math.max(v, -1.5), 1.5));
      spoil(z);
      const numbers = [batch, outputs, height, size, outHeight, outWidth, kernel, kernel, stride, stride, dilation, dilation, pad, pad];
      const [form, from, to, b] = [
        machine.put(Int32Array.from(numbers)),
        machine.put(z),
        machine.allocate(4 * sums.length),
        machine.put(bias),
      ];
      machine.exports.fold(form, from, to, b, -1.5, 1.5);
      return { actual: machine.floats(to, sums.length), expected };
    },
  };
}

export const fold: Twin = {
  name: 'fold',
  cases: [1, 3, 4, 7].flatMap((size) => [
    foldCase(size, 2, 2, 1, 0),
    foldCase(size, 3, 1, 1, 1),
    foldCase(size, 3, 2, 2, 2),
    foldCase(size, 3, 3, 1, 1),
  ]),
};
