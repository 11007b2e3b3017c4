/** Products of signs by multiplying them, and signs one by one. */
import { equal, noise, type Twin, type TwinCase } from '../twin.js';

const signsCase = (channels: number, width: number): TwinCase => ({
  what: `${channels} channels, ${width} columns`,
  tolerance: equal,
  run(machine, spoil) {
    const [height, top, left, rows] = [2, 1, 2, 4];
    const words = 2 * Math.ceil(channels / 64);
    const perRow = (left + width + 1) * words;
    const x = noise(channels * height * width, 1);
    const expected = new Int32Array(rows * perRow);
    for (let y = 0; y < height; y++)
      for (let i = 0; i < width; i++)
        for (let c = 0; c < channels; c++) {
          const bit = Math.min(31, channels - 1 - (c & ~31)) - (c & 31);
          if (x[(c * height + y) * width + i]! > 0) expected[(y + top) * perRow + (i + left) * words + (c >> 5)]! |= 1 << bit;
        }
    spoil(x);
    const [from, to] = [machine.put(x), machine.allocate(4 * expected.length)];
    machine.exports.signs(from, channels, height, width, top, left, 4 * perRow, 4 * words, rows, to);
    return { actual: machine.ints(to, expected.length), expected };
  },
});

export const signs: Twin = {
  name: 'signs',
  cases: [5, 31, 32, 33, 64, 65, 100].flatMap((channels) => [1, 3, 4, 6].map((width) => signsCase(channels, width))),
};

/** Words without padding: rows of x and of the kernel as they are. */
const binaryCase = (words: number, outWidth: number, step: number, [kernelRows, kernelColumns]: readonly [number, number]): TwinCase => ({
  what: `${kernelRows}×${kernelColumns}, ${words} words, ${outWidth} columns ${step} apart`,
  tolerance: equal,
  run(machine, spoil) {
    const [rows, outHeight] = [3, 2];
    const xWidth = (outWidth - 1) * step + kernelColumns;
    const bits = (count: number, seed: number): Int32Array => Int32Array.from(noise(count, seed), (v) => v * 2 ** 31);
    const [x, w] = [bits((outHeight + kernelRows) * xWidth * 2 * words, 1), bits(rows * kernelRows * kernelColumns * 2 * words, 2)];
    const sums = Int32Array.from({ length: rows * 2 * outWidth }, (_, i) => 64 * words * kernelRows * kernelColumns + i);
    const [scale, bias] = [Float32Array.of(0.5, 2, -1), Float32Array.of(1, 2, 3)];
    const sign = (of: Int32Array, bit: number): number => ((of[bit >> 5]! >>> (bit & 31)) & 1 ? 1 : -1);
    const expected: number[] = [];
    for (let o = 0; o < rows; o++)
      for (let oy = 0; oy < outHeight; oy++)
        for (let ox = 0; ox < outWidth; ox++) {
          let sum = sums[(o * 2 + oy) * outWidth + ox]! - 64 * words * kernelRows * kernelColumns;
          for (let ky = 0; ky < kernelRows; ky++)
            for (let i = 0; i < kernelColumns * 64 * words; i++)
              sum +=
                sign(x, ((oy + ky) * xWidth + ox * step) * 64 * words + i) *
                sign(w, (o * kernelRows + ky) * kernelColumns * 64 * words + i);
          expected.push(Math.max(sum * scale[o]! + bias[o]!, -50));
        }
    spoil(x);
    spoil(bias);
    const [xp, wp, sp] = [machine.put(x), machine.put(w), machine.put(sums)];
    const [scales, biases, classes] = [machine.put(scale), machine.put(bias), machine.put(Int32Array.of(0, 1))];
    const y = machine.allocate(4 * expected.length);
    const [pixel, row] = [8 * words, 8 * words * xWidth];
    const call = machine.exports.signConv;
    call(
      xp,
      step * pixel,
      row,
      row,
      kernelRows,
      kernelColumns * pixel,
      wp,
      rows,
      outHeight,
      outWidth,
      sp,
      2,
      classes,
      scales,
      biases,
      -50,
      Infinity,
      y,
    );
    return { actual: machine.floats(y, expected.length), expected };
  },
});

const kernels = [
  [1, 2],
  [2, 3],
  [3, 3],
] as const;

export const signConv: Twin = {
  name: 'signConv',
  cases: [1, 2, 3, 4].flatMap((words) =>
    [1, 2, 3, 4, 5, 7, 8, 14].flatMap((outWidth) =>
      [1, 2].flatMap((step) => kernels.map((kernel) => binaryCase(words, outWidth, step, kernel))),
    ),
  ),
};
