/**
 * Convolutions whose weights are −a or a for each output and whose activations are −1 or 1: 96 products by one addition, of sums that all
 * outputs share (assembly/kernels/signs.ts).
 */
import type { Bound, ConvShape } from '../choice.js';
import { geometryOf } from '../geometry.js';
import { type Layer, pixelsOf, tapsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. A block is 64 pixels of an output, a term six products of each. */
const nanoseconds = { term: 1.9, block: 45, sums: 4 };
/** Sums are kept in 16 bits. */
const largestSum = 32767;
/** Channels whose sums are made once. */
const six = 6;
/** Bytes of `sums` in signConv, and those that are read behind the table. */
const [sumBytes, behind] = [128, 64];

export const binary: ConvWay = {
  name: 'conv-binary',
  exact: true,
  choice(layer) {
    const { shape } = layer;
    const { batch, channels, outputs, groups, kernel } = shape;
    if (!layer.given.signs || groups !== 1 || tapsOf(shape) > largestSum) return undefined;
    const magnitudes = magnitudesOf(layer);
    if (!magnitudes) return undefined;
    const terms = kernel[0] * kernel[1] * sixesOf(channels);
    const { flat, phases, planeBytes } = geometryOf(shape);
    const blocks = outputs * Math.ceil(flat / 64);
    const sums = (sixesOf(channels) * phases * planeBytes) / 4;
    return {
      nanoseconds: batch * (blocks * (terms * nanoseconds.term + nanoseconds.block) + sums * nanoseconds.sums),
      multiplyAdds: batch * outputs * pixelsOf(shape) * tapsOf(shape),
      weightBytes: 4 * terms * outputs,
      pack(machine) {
        const weights = packWeights(machine, layer, magnitudes);
        return { bind: (at) => bind(machine, weights, layer, at) };
      },
    };
  },
};

const sixesOf = (channels: number): number => Math.ceil(channels / six);

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
  /** [outputs][sixes][taps]: which of six weights are positive, a bit each. */
  readonly signs: Uint8Array;
  readonly scale: number;
  readonly bias: number;
}

function packWeights(machine: Machine, layer: Layer<ConvShape>, magnitudes: Float32Array): Weights {
  const { outputs, channels, kernel } = layer.shape;
  const [weight, sixes, taps] = [layer.dense(), sixesOf(channels), kernel[0] * kernel[1]];
  const signs = new Uint8Array(outputs * sixes * taps);
  let from = 0;
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < channels; c++)
      for (let tap = 0; tap < taps; tap++)
        if (weight[from++]! > 0) signs[(o * sixes + Math.floor(c / six)) * taps + tap]! |= 1 << (c % six);
  const { scale } = layer.epilogue;
  return {
    signs,
    scale: machine.put(scale ? magnitudes.map((m, o) => m * scale[o]!) : magnitudes),
    bias: machine.put(layer.bias()),
  };
}

/** Where in the table the terms of each output stand: first those that are subtracted, whose last weight is negative. */
function termsOf(signs: Uint8Array, outputs: number, tapAt: readonly number[], tableBytes: number) {
  const offsets = new Uint32Array(signs.length);
  const subtracted = new Int32Array(outputs);
  const terms = signs.length / outputs;
  let to = 0;
  for (let o = 0; o < outputs; o++)
    for (const last of [0, 32])
      for (let i = 0; i < terms; i++) {
        const sign = signs[o * terms + i]!;
        if ((sign & 32) !== last) continue;
        if (last === 0) subtracted[o]!++;
        const entry = 32 * Math.floor(i / tapAt.length) + (last === 0 ? 31 - sign : sign - 32);
        offsets[to++] = entry * tableBytes + tapAt[i % tapAt.length]!;
      }
  return { offsets, subtracted };
}

function bind(machine: Machine, weights: Weights, { epilogue: { low, high } }: Layer<ConvShape>, shape: ConvShape): Bound {
  const { batch, channels, height, width, outputs, kernel, strides, dilations, pads, outHeight, outWidth } = shape;
  const { pitch, planeBytes, phases, flat } = geometryOf(shape);
  const phaseBytes = planeBytes / 4;
  const rowAt = (y: number): number => (y % strides[0]) * strides[1] * phaseBytes + Math.floor(y / strides[0]) * pitch;
  const columnAt = (x: number): number => (x % strides[1]) * phaseBytes + Math.floor(x / strides[1]);
  const rows = machine.put(Int32Array.from({ length: height }, (_, y) => rowAt(y + pads[0])));
  const columns = machine.put(Int32Array.from({ length: width }, (_, x) => columnAt(x + pads[1])));
  const tapAt = Array.from(
    { length: kernel[0] * kernel[1] },
    (_, tap) => rowAt(Math.floor(tap / kernel[1]) * dilations[0]) + columnAt((tap % kernel[1]) * dilations[1]),
  );
  const tableBytes = 16 * Math.ceil((phases * phaseBytes) / 16);
  const found = termsOf(weights.signs, outputs, tapAt, tableBytes);
  const [offsets, subtracted] = [machine.put(found.offsets), machine.put(found.subtracted)];
  const [sixes, terms, pixels] = [sixesOf(channels), weights.signs.length / outputs, pixelsOf(shape)];
  const [planeFloats, yBytes] = [height * width, 4 * outputs * pixels];
  const own = sumBytes + six * tableBytes;
  return {
    scratchBytes: machine.parts * own + sixes * 32 * tableBytes + behind,
    run(x, y, scratch) {
      const table = scratch + machine.parts * own;
      for (let n = 0; n < batch; n++) {
        const image = x + 4 * n * channels * planeFloats;
        machine.inParts(sixes, 1, 32 * sixes * tableBytes, ({ signSums }, first, count, part) =>
          signSums(
            image + 4 * six * first * planeFloats,
            Math.min(six * count, channels - six * first),
            height,
            width,
            rows,
            columns,
            strides[1] === 1 ? 1 : 0,
            tableBytes,
            scratch + part * own + sumBytes,
            table + first * 32 * tableBytes,
          ),
        );
        machine.inParts(outputs, 1, (outputs * flat * terms) / 4, ({ signConv }, first, count, part) =>
          signConv(
            table,
            pitch,
            offsets + 4 * first * terms,
            terms,
            subtracted + 4 * first,
            count,
            outHeight,
            outWidth,
            weights.scale + 4 * first,
            weights.bias + 4 * first,
            low,
            high,
            scratch + part * own,
            y + n * yBytes + 4 * first * pixels,
          ),
        );
      }
    },
  };
}
