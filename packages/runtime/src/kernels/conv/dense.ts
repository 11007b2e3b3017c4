/** Dense convolutions as products of packed panels: of the activations as they are where the kernel is 1×1, else of patches. */
import type { Bound, ConvShape } from '../choice.js';
import { geometryOf, spreadPlanes } from '../geometry.js';
import { type Layer, pixelsOf, tapsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import { evenRows, packPanels, panelLength, rowNumbers } from '../panels.js';
import { pixelTable, tapTable } from '../patches.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.085, packed: 0.35, spread: 0.3 };

export const dense: ConvWay = {
  name: 'conv-dense',
  exact: true,
  choice(layer) {
    const { batch, outputs, groups, channels, height, width } = layer.shape;
    const [perGroup, taps, pixels] = [outputs / groups, tapsOf(layer.shape), pixelsOf(layer.shape)];
    const computed = batch * groups * evenRows(perGroup) * taps * pixels;
    const packed = batch * groups * taps * pixels;
    const spread = isPlain(layer.shape) ? 0 : batch * channels * height * width;
    return {
      nanoseconds: computed * nanoseconds.multiplyAdd + packed * nanoseconds.packed + spread * nanoseconds.spread,
      multiplyAdds: batch * outputs * taps * pixels,
      weightBytes: 4 * groups * panelLength(perGroup, taps),
      pack(machine) {
        const weights = packWeights(machine, layer);
        return { bind: (shape) => (isPlain(shape) ? bindPlain : bindPatches)(machine, weights, layer, shape) };
      },
    };
  },
};

/** Where the kernel is 1×1 the activations are the patches. */
const isPlain = (shape: ConvShape): boolean => shape.kernel[0] * shape.kernel[1] === 1 && geometryOf(shape).asItIs;

interface Weights {
  /** Of all groups, one after the other. */
  readonly panels: number;
  readonly bias: number;
}

function packWeights(machine: Machine, layer: Layer<ConvShape>): Weights {
  const { outputs, groups } = layer.shape;
  const [rows, taps] = [outputs / groups, tapsOf(layer.shape)];
  const [length, even] = [panelLength(rows, taps), evenRows(rows)];
  const matrix = layer.dense();
  const [given, scale] = [layer.bias(), layer.epilogue.scale];
  const panels = machine.allocate(4 * groups * length);
  const bias = machine.allocate(4 * groups * even);
  for (let g = 0; g < groups; g++) {
    const part = (of: Float32Array, size: number): Float32Array => of.subarray(g * size, (g + 1) * size);
    packPanels(part(matrix, rows * taps), rows, taps, machine.floats(panels + 4 * g * length, length), scale && part(scale, rows));
    machine.floats(bias + 4 * g * even, even).set(rowNumbers(rows, part(given, rows)));
  }
  return { panels, bias };
}

type Bind = (machine: Machine, weights: Weights, layer: Layer<ConvShape>, shape: ConvShape) => Bound;

/** What each group of each image is called with. */
function eachGroup(shape: ConvShape, run: (image: number, group: number) => void): void {
  for (let n = 0; n < shape.batch; n++) for (let g = 0; g < shape.groups; g++) run(n, g);
}

const bindPlain: Bind = (machine, { panels, bias }, { epilogue: { low, high } }, shape) => {
  const { channels, outputs, groups } = shape;
  const [pixels, k, rows] = [pixelsOf(shape), channels / groups, outputs / groups];
  const [panelBytes, biasBytes, row] = [4 * panelLength(rows, k), 4 * evenRows(rows), 4 * pixels];
  const own = machine.exports.gemmScratch(k, pixels);
  return {
    scratchBytes: machine.parts * own,
    run: (x, y, scratch) =>
      eachGroup(shape, (n, g) => {
        const [from, to] = [x + (n * channels + g * k) * row, y + (n * outputs + g * rows) * row];
        const [a, b] = [panels + g * panelBytes, bias + g * biasBytes];
        machine.inParts(pixels, 8, rows * k * pixels, ({ gemm }, first, count, part) =>
          gemm(a, rows, k, from + 4 * first, row, count, to + 4 * first, row, b, low, high, scratch + part * own),
        );
      }),
  };
};

const bindPatches: Bind = (machine, { panels, bias }, { epilogue: { low, high } }, shape) => {
  const { channels, height, width, outputs, groups } = shape;
  const geometry = geometryOf(shape);
  const { planeBytes, phases } = geometry;
  const [pixels, k, rows, perGroup] = [pixelsOf(shape), tapsOf(shape), outputs / groups, channels / groups];
  const [panelBytes, biasBytes, row] = [4 * panelLength(rows, k), 4 * evenRows(rows), 4 * pixels];
  const taps = machine.put(tapTable(shape, geometry));
  const places = machine.put(pixelTable(shape, geometry));
  const planes = Math.ceil((perGroup * phases * planeBytes + 64) / 64) * 64;
  const own = machine.exports.gemmScratch(k, pixels);
  return {
    scratchBytes: planes + machine.parts * own,
    run: (x, y, scratch) =>
      eachGroup(shape, (n, g) => {
        const from = x + 4 * (n * channels + g * perGroup) * height * width;
        const to = y + (n * outputs + g * rows) * row;
        spreadPlanes(machine, shape, geometry, perGroup, from, scratch);
        const [a, b] = [panels + g * panelBytes, bias + g * biasBytes];
        machine.inParts(pixels, 8, rows * k * pixels, ({ conv }, first, count, part) =>
          conv(a, rows, k, scratch, taps, places + 4 * first, count, to + 4 * first, row, b, low, high, scratch + planes + part * own),
        );
      }),
  };
};
