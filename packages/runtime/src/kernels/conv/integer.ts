/**
 * Convolutions whose weights are integers times a step for each output, with activations rounded to as many bits as their sums leave room
 * for, 16 at most: twice the products of float32 at a time. Less exact than float32, by about 2⁻¹⁵ of the largest activation.
 */
import { stepOf, type UniformStored } from '../../format/uniform.js';
import type { Bound, ConvShape } from '../choice.js';
import { geometryOf } from '../geometry.js';
import { type Layer, pixelsOf, tapsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import { pixelTable, tapTable } from '../patches.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.042, packed: 0.9, spread: 0.5 };

/** Rounded activations have magnitudes up to this; fewer would be too coarse. */
const most = 32767;
const fewest = 255;

export const integer: ConvWay = {
  name: 'conv-integer',
  choice(layer) {
    const { weight, shape } = layer;
    const { batch, outputs, groups, channels, height, width } = shape;
    if (groups !== 1 || !isIntegers(weight, outputs)) return undefined;
    const range = rangeOf(weight.levels, outputs);
    if (range < fewest) return undefined;
    const [k, pixels, even] = [tapsOf(shape), pixelsOf(shape), Math.ceil(outputs / 4) * 4];
    return {
      nanoseconds:
        batch *
        (even * k * pixels * nanoseconds.multiplyAdd + k * pixels * nanoseconds.packed + channels * height * width * nanoseconds.spread),
      multiplyAdds: batch * outputs * k * pixels,
      weightBytes: 2 * even * (k + (k & 1)),
      exact: false,
      pack(machine) {
        const weights = packWeights(machine, layer, weight);
        return { bind: (at) => bind(machine, { ...weights, range }, layer, at) };
      },
    };
  },
};

/** One step for each output, one level for each weight. */
function isIntegers(weight: Layer<ConvShape>['weight'], outputs: number): weight is UniformStored {
  return (
    weight.kind === 'uniform' && weight.grid === 'scalar' && !weight.columnSteps && !weight.view.transposed && weight.view.rows === outputs
  );
}

/** How large activations may be so that no sum of products leaves 32 bits; 0 where a level leaves 16. */
function rangeOf(levels: UniformStored['levels'], outputs: number): number {
  const k = levels.length / outputs;
  let widest = 1;
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = o * k; i < (o + 1) * k; i++) {
      const magnitude = Math.abs(levels[i]!);
      if (magnitude > most) return 0;
      sum += magnitude;
    }
    widest = Math.max(widest, sum);
  }
  return Math.min(most, Math.floor((2 ** 31 - 1) / widest));
}

interface Weights {
  readonly panels: number;
  readonly scale: number;
  readonly bias: number;
}

function packWeights(machine: Machine, layer: Layer<ConvShape>, { levels, step, rowSteps }: UniformStored): Weights {
  const { outputs } = layer.shape;
  const k = tapsOf(layer.shape);
  const pairs = Math.ceil(k / 2);
  const even = Math.ceil(outputs / 4) * 4;
  const panels = new Int16Array(even * pairs * 2);
  let to = 0;
  for (let first = 0; first < even; first += 4)
    for (let i = 0; i < 2 * pairs; i += 2)
      for (let r = first; r < first + 4; r++) for (const at of [i, i + 1]) panels[to++] = r < outputs && at < k ? levels[r * k + at]! : 0;
  const scale = new Float32Array(even);
  const bias = new Float32Array(even);
  const factors = layer.epilogue.scale;
  for (let r = 0; r < outputs; r++) scale[r] = stepOf(step + (rowSteps ? rowSteps[r]! : 0)) * (factors ? factors[r]! : 1);
  bias.set(layer.bias());
  return { panels: machine.put(panels), scale: machine.put(scale), bias: machine.put(bias) };
}

function bind(machine: Machine, weights: Weights & { readonly range: number }, layer: Layer<ConvShape>, shape: ConvShape): Bound {
  const { integerConv, integerScratch, largest, spread } = machine.exports;
  const { batch, channels, height, width, outputs, pads, strides } = shape;
  const { low, high } = layer.epilogue;
  const geometry = geometryOf(shape);
  const { pitch, planeBytes, planeRows, phases, asItIs } = geometry;
  const [pixels, k] = [pixelsOf(shape), tapsOf(shape)];
  const taps = machine.put(tapTable(shape, geometry));
  const places = machine.put(pixelTable(shape, geometry));
  const planes = asItIs ? 0 : Math.ceil((channels * phases * planeBytes + 64) / 64) * 64;
  const numbers = channels * height * width;
  return {
    scratchBytes: planes + integerScratch(k, pixels),
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        const from = x + 4 * n * numbers;
        const step = largest(from, numbers) / weights.range || 1;
        if (!asItIs) spread(from, channels, height, width, pads[0], pads[1], strides[0], strides[1], pitch, planeBytes, planeRows, scratch);
        const to = y + 4 * n * outputs * pixels;
        const { panels, scale, bias } = weights;
        const patches = asItIs ? from : scratch;
        integerConv(panels, outputs, k, patches, taps, places, pixels, step, to, 4 * pixels, scale, bias, low, high, scratch + planes);
      }
    },
  };
}
