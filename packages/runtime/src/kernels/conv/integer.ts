/**
 * Convolutions whose weights are integers times steps, with activations rounded to as many bits as their sums leave room for, 16 at most:
 * twice the products of float32 at a time. Less exact than float32, by about 2⁻¹⁵ of the largest activation.
 */
import type { Bound, ConvShape, Epilogue } from '../choice.js';
import { geometryOf, spreadPlanes } from '../geometry.js';
import { type Integers, inFours, integersOf } from '../integers.js';
import { pixelsOf, tapsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import { pixelTable, tapTable } from '../patches.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.042, packed: 0.9, spread: 0.5 };

export const integer: ConvWay = {
  name: 'conv-integer',
  exact: false,
  choice(layer) {
    const { shape, epilogue } = layer;
    const { batch, outputs, groups, channels, height, width } = shape;
    if (groups !== 1 || !integersOf(layer.weight, outputs, epilogue)) return undefined;
    const [k, pixels, even] = [tapsOf(shape), pixelsOf(shape), Math.ceil(outputs / 4) * 4];
    return {
      nanoseconds:
        batch *
        (even * k * pixels * nanoseconds.multiplyAdd + k * pixels * nanoseconds.packed + channels * height * width * nanoseconds.spread),
      multiplyAdds: batch * outputs * k * pixels,
      weightBytes: 2 * even * (k + (k & 1)),
      pack(machine) {
        const weights = packWeights(machine, integersOf(layer.weight, outputs, epilogue)!, shape, layer.bias());
        return { bind: (at) => bind(machine, weights, epilogue, at) };
      },
    };
  },
};

interface Weights {
  readonly panels: number;
  readonly scale: number;
  readonly bias: number;
  /** For each tap, and for each channel. */
  readonly tapFactors: number;
  readonly channelFactors: number;
  readonly range: number;
}

function packWeights(machine: Machine, of: Integers, shape: ConvShape, bias: Float32Array): Weights {
  const { levels, scale, factors, perFactor, range } = of;
  const { outputs, channels } = shape;
  const k = tapsOf(shape);
  const pairs = Math.ceil(k / 2);
  const even = Math.ceil(outputs / 4) * 4;
  const panels = new Int16Array(even * pairs * 2);
  let to = 0;
  for (let first = 0; first < even; first += 4)
    for (let i = 0; i < 2 * pairs; i += 2)
      for (let r = first; r < first + 4; r++) for (const at of [i, i + 1]) panels[to++] = r < outputs && at < k ? levels[r * k + at]! : 0;
  const factorOf = (tap: number): number => factors[Math.floor(tap / perFactor)]!;
  return {
    panels: machine.put(panels),
    scale: machine.put(inFours(scale)),
    bias: machine.put(inFours(bias)),
    tapFactors: machine.put(Float32Array.from({ length: k }, (_, tap) => factorOf(tap))),
    channelFactors: machine.put(Float32Array.from({ length: channels }, (_, c) => factorOf((c * k) / channels))),
    range,
  };
}

function bind(machine: Machine, weights: Weights, { low, high }: Epilogue, shape: ConvShape): Bound {
  const { integerScratch, largest } = machine.exports;
  const { batch, channels, height, width, outputs } = shape;
  const geometry = geometryOf(shape);
  const { planeBytes, phases, asItIs } = geometry;
  const [pixels, k] = [pixelsOf(shape), tapsOf(shape)];
  const taps = machine.put(tapTable(shape, geometry));
  const places = machine.put(pixelTable(shape, geometry));
  const planes = asItIs ? 0 : Math.ceil((channels * phases * planeBytes + 64) / 64) * 64;
  const numbers = channels * height * width;
  const { panels, scale, bias, tapFactors, channelFactors, range } = weights;
  const own = integerScratch(k, pixels);
  return {
    scratchBytes: planes + machine.parts * own,
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        const from = x + 4 * n * numbers;
        const step = largest(from, channels, height * width, channelFactors) / range;
        if (!asItIs) spreadPlanes(machine, shape, geometry, channels, from, scratch);
        const to = y + 4 * n * outputs * pixels;
        const patches = asItIs ? from : scratch;
        machine.inParts(pixels, 8, (outputs * k * pixels) / 2, ({ integerConv }, first, count, part) =>
          integerConv(
            panels,
            outputs,
            k,
            patches,
            taps,
            tapFactors,
            places + 4 * first,
            count,
            step,
            to + 4 * first,
            4 * pixels,
            scale,
            bias,
            low,
            high,
            scratch + planes + part * own,
          ),
        );
      }
    },
  };
}
