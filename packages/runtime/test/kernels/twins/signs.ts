/** Products of signs by multiplying them, and sums of signs one by one. */
import { equal, noise, type Twin, type TwinCase } from '../twin.js';

/** Columns in two phases, as of a stride of two, unless they are contiguous. */
const sumsCase = (channels: number, width: number, contiguous: boolean): TwinCase => ({
  what: `${channels} channels, ${width} columns${contiguous ? '' : ' in turns'}`,
  tolerance: equal,
  run(machine, spoil) {
    const [height, planeBytes] = [2, 64];
    const rowAt = Int32Array.of(3, 20);
    const columnAt = Int32Array.from({ length: width }, (_, x) => (contiguous ? 1 + x : 30 * (x % 2) + (x >> 1)));
    const x = noise(channels * height * width, 1);
    const sixes = Math.ceil(channels / 6);
    const expected = new Int8Array(sixes * 32 * planeBytes);
    x.forEach((v, i) => {
      const [c, place] = [Math.floor(i / height / width), rowAt[Math.floor(i / width) % height]! + columnAt[i % width]!];
      for (let signs = 0; signs < 32; signs++) {
        const positive = c % 6 === 5 || (signs >> (c % 6)) & 1;
        expected[(Math.floor(c / 6) * 32 + signs) * planeBytes + place]! += v > 0 === Boolean(positive) ? 1 : -1;
      }
    });
    spoil(x);
    const [from, to, planes] = [machine.put(x), machine.allocate(expected.length), machine.allocate(6 * planeBytes)];
    const [rows, columns] = [machine.put(rowAt), machine.put(columnAt)];
    machine.exports.signSums(from, channels, height, width, rows, columns, contiguous ? 1 : 0, planeBytes, planes, to);
    return { actual: new Int8Array(machine.bytes(to, expected.length)), expected };
  },
});

export const signSums: Twin = {
  name: 'signSums',
  cases: [5, 6, 7, 12, 16].flatMap((channels) =>
    [1, 3, 4, 6].flatMap((width) => [true, false].map((contiguous) => sumsCase(channels, width, contiguous))),
  ),
};

/** Any sums of six at any places of a table. `share`: how many of them are subtracted. */
const convCase = (terms: number, [outHeight, outWidth, pitch]: readonly [number, number, number], share: number): TwinCase => ({
  what: `${terms} terms, ${outHeight}×${outWidth} of rows ${pitch} long, ${100 * share} % subtracted`,
  tolerance: equal,
  run(machine, spoil) {
    const [outputs, entries] = [3, 8];
    const planeBytes = outHeight * pitch + 70;
    const scale = Float32Array.of(0.5, 2, -1);
    const bias = Float32Array.of(1, 2, 3);
    const table = Int8Array.from(noise(entries * planeBytes, 1), (v) => Math.round(6 * v));
    const offsets = Uint32Array.from(noise(outputs * terms, 2), (v) => Math.floor((v + 1) * 0.5 * (entries - 1)) * planeBytes + 5);
    const subtracted = Int32Array.of(Math.round(share * terms), Math.floor(share * terms), terms);
    const expected: number[] = [];
    for (let o = 0; o < outputs; o++)
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++) {
          let sum = 0;
          for (let i = 0; i < terms; i++) {
            const value = table[offsets[o * terms + i]! + y * pitch + x]!;
            sum += i < subtracted[o]! ? -value : value;
          }
          expected.push(Math.max(sum * scale[o]! + bias[o]!, -100));
        }
    spoil(bias);
    const [at, list, less] = [machine.put(table), machine.put(offsets), machine.put(subtracted)];
    const [scales, biases, sums] = [machine.put(scale), machine.put(bias), machine.allocate(128)];
    const y = machine.allocate(4 * expected.length);
    machine.exports.signConv(at, pitch, list, terms, less, outputs, outHeight, outWidth, scales, biases, -100, Infinity, sums, y);
    return { actual: machine.floats(y, expected.length), expected };
  },
});

const forms = [
  [1, 1, 1],
  [2, 3, 3],
  [3, 7, 9],
  [7, 9, 9],
  [5, 16, 18],
  [2, 62, 64],
  [2, 66, 70],
  [1, 130, 130],
] as const;

export const signConv: Twin = {
  name: 'signConv',
  cases: [1, 2, 20, 21, 22, 43, 90].flatMap((terms) => forms.flatMap((form) => [0, 0.4, 1].map((share) => convCase(terms, form, share)))),
};
