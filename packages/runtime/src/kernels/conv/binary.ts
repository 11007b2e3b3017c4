/** Convolutions whose weights are −a or a for each output and whose activations are −1 or 1: 64 products by one count of bits. */
import type { Bound, ConvShape } from '../choice.js';
import { type Layer, pixelsOf, tapsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { word: 0.35, sign: 0.4, output: 1 };

export const binary: ConvWay = {
  name: 'conv-binary',
  exact: true,
  choice(layer) {
    const { shape } = layer;
    const { batch, channels, height, width, outputs, groups, kernel, dilations } = shape;
    if (!layer.given.signs || groups !== 1 || dilations[1] !== 1) return undefined;
    const magnitudes = magnitudesOf(layer);
    if (!magnitudes) return undefined;
    const words = kernel[0] * kernel[1] * wordsOf(channels);
    const sums = outputs * pixelsOf(shape);
    return {
      nanoseconds:
        batch * (sums * (words * nanoseconds.word + nanoseconds.output) + wordsOf(channels) * 64 * height * width * nanoseconds.sign),
      multiplyAdds: batch * sums * tapsOf(shape),
      weightBytes: 8 * words * outputs,
      pack(machine) {
        const weights = packWeights(machine, layer, magnitudes);
        return { bind: (at) => bind(machine, weights, layer, at) };
      },
    };
  },
};

/** Words of 64 bits that the channels of a pixel take. */
const wordsOf = (channels: number): number => Math.ceil(channels / 64);

/** The magnitude that all weights of an output have; undefined where they differ. */
function magnitudesOf(layer: Layer<ConvShape>): Float32Array | undefined {
  const weight = layer.dense();
  const taps = tapsOf(layer.shape);
  const found = new Float32Array(layer.shape.outputs);
  for (let o = 0; o < found.length; o++) {
    found[o] = Math.abs(weight[o * taps]!);
    for (let i = o * taps; i < (o + 1) * taps; i++) if (Math.abs(weight[i]!) !== found[o]) return undefined;
  }
  return found;
}

interface Weights {
  readonly bits: number;
  readonly scale: number;
  readonly bias: number;
  /** For each output and tap, how many weights are positive less how many are negative. */
  readonly balance: Int32Array;
}

function packWeights(machine: Machine, layer: Layer<ConvShape>, magnitudes: Float32Array): Weights {
  const { outputs, channels, kernel } = layer.shape;
  const [weight, taps, halves] = [layer.dense(), kernel[0] * kernel[1], 2 * wordsOf(channels)];
  const bits = new Int32Array(outputs * taps * halves);
  const balance = new Int32Array(outputs * taps);
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < channels; c++) {
      // the last channel of 32 is the lowest bit, as the kernel shifts them in
      const bit = Math.min(31, channels - 1 - (c & ~31)) - (c & 31);
      for (let tap = 0; tap < taps; tap++) {
        const positive = weight[(o * channels + c) * taps + tap]! > 0;
        balance[o * taps + tap]! += positive ? 1 : -1;
        if (positive) bits[(o * taps + tap) * halves + (c >> 5)]! |= 1 << bit;
      }
    }
  const { scale } = layer.epilogue;
  return {
    bits: machine.put(bits),
    scale: machine.put(scale ? magnitudes.map((m, o) => m * scale[o]!) : magnitudes),
    bias: machine.put(layer.bias()),
    balance,
  };
}

/** Which taps of one axis lie in the padding, for each output along it, and each such set once. */
function classesOf(outputs: number, input: number, kernel: number, stride: number, dilation: number, before: number) {
  const sets: boolean[][] = [];
  const names = new Map<string, number>();
  const of = Int32Array.from({ length: outputs }, (_, at) => {
    const inside = Array.from({ length: kernel }, (_, k) => {
      const place = at * stride + k * dilation - before;
      return place >= 0 && place < input;
    });
    const known = names.get(inside.join());
    if (known !== undefined) return known;
    names.set(inside.join(), sets.length);
    return sets.push(inside) - 1;
  });
  return { of, sets };
}

/** All products of a sum, less those that look into the padding, whose bits count as −1. */
function sumsOf({ balance }: Weights, shape: ConvShape, rowSets: readonly boolean[][], columns: ReturnType<typeof classesOf>): Int32Array {
  const { outputs, kernel, outWidth } = shape;
  const taps = kernel[0] * kernel[1];
  const out = new Int32Array(outputs * rowSets.length * outWidth);
  let to = 0;
  for (let o = 0; o < outputs; o++)
    for (const rows of rowSets) {
      const byColumns = columns.sets.map((inside) => {
        let sum = tapsOf(shape);
        for (let tap = 0; tap < taps; tap++)
          if (!rows[Math.floor(tap / kernel[1])] || !inside[tap % kernel[1]]) sum += balance[o * taps + tap]!;
        return sum;
      });
      for (let x = 0; x < outWidth; x++) out[to++] = byColumns[columns.of[x]!]!;
    }
  return out;
}

function bind(machine: Machine, weights: Weights, { epilogue: { low, high } }: Layer<ConvShape>, shape: ConvShape): Bound {
  const { signs } = machine.exports;
  const { batch, channels, height, width, outputs, kernel, strides, dilations, pads, outHeight, outWidth } = shape;
  const rows = classesOf(outHeight, height, kernel[0], strides[0], dilations[0], pads[0]);
  const columns = classesOf(outWidth, width, kernel[1], strides[1], 1, pads[1]);
  const sums = machine.put(sumsOf(weights, shape, rows.sets, columns));
  const classOf = machine.put(rows.of);
  const pixelBytes = 8 * wordsOf(channels);
  const rowBytes = (Math.max(width + pads[1], (outWidth - 1) * strides[1] + kernel[1]) + 3 * strides[1]) * pixelBytes;
  const planeRows = Math.max(height + pads[0], (outHeight - 1) * strides[0] + (kernel[0] - 1) * dilations[0] + 1);
  const pixels = pixelsOf(shape);
  const [xBytes, yBytes] = [4 * channels * height * width, 4 * outputs * pixels];
  const run = kernel[1] * pixelBytes;
  return {
    scratchBytes: planeRows * rowBytes,
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        signs(x + n * xBytes, channels, height, width, pads[0], pads[1], rowBytes, pixelBytes, planeRows, scratch);
        machine.inParts(outputs, 1, outputs * pixels * run, ({ signConv }, first, count) =>
          signConv(
            scratch,
            strides[1] * pixelBytes,
            strides[0] * rowBytes,
            dilations[0] * rowBytes,
            kernel[0],
            run,
            weights.bits + first * kernel[0] * run,
            count,
            outHeight,
            outWidth,
            sums + 4 * first * rows.sets.length * outWidth,
            rows.sets.length,
            classOf,
            weights.scale + 4 * first,
            weights.bias + 4 * first,
            low,
            high,
            y + n * yBytes + 4 * first * pixels,
          ),
        );
      }
    },
  };
}
