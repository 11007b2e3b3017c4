/** Dense convolutions 3×3 with stride 1 in fewer multiplications: weights transformed once, F(2×2, 3×3). */
import type { Bound, ConvShape } from '../choice.js';
import { geometryOf, spreadPlanes } from '../geometry.js';
import { type Layer, pixelsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import { evenRows, packPanels, panelLength } from '../panels.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.085, input: 1.6, output: 1.6 };

/** The tiles are what a kernel 4×4 with stride 2 sees. */
const tilesOf = (shape: ConvShape): ConvShape => ({
  ...shape,
  kernel: [4, 4],
  strides: [2, 2],
  outHeight: Math.ceil(shape.outHeight / 2),
  outWidth: Math.ceil(shape.outWidth / 2),
});

const fits = ({ kernel, strides, dilations, groups }: ConvShape): boolean =>
  groups === 1 && [...strides, ...dilations].every((n) => n === 1) && kernel[0] === 3 && kernel[1] === 3;

export const winograd: ConvWay = {
  name: 'conv-winograd',
  exact: true,
  choice(layer) {
    const { shape } = layer;
    if (!fits(shape)) return undefined;
    const { batch, channels, outputs } = shape;
    const tiles = tilesOf(shape);
    const flat = tiles.outHeight * geometryOf(tiles).pitch;
    const multiplyAdds = batch * 16 * evenRows(outputs) * channels * flat;
    const moved = channels * nanoseconds.input + outputs * nanoseconds.output;
    return {
      nanoseconds: multiplyAdds * nanoseconds.multiplyAdd + batch * 16 * flat * moved * 0.25,
      multiplyAdds,
      weightBytes: 4 * 16 * panelLength(outputs, channels),
      pack(machine) {
        const weights = packWeights(machine, layer);
        const bias = machine.put(layer.bias());
        return { bind: (at) => bind(machine, weights, bias, layer, at) };
      },
    };
  },
};

/** G·g·Gᵀ for each pair of channels, as 16 matrices [outputs][channels]. Throws `limit.memory`. */
function packWeights(machine: Machine, layer: Layer<ConvShape>): number {
  const { outputs, channels } = layer.shape;
  const length = panelLength(outputs, channels);
  const at = machine.allocate(4 * 16 * length);
  const weight = layer.dense();
  const transformed = Array.from({ length: 16 }, () => new Float32Array(outputs * channels));
  for (let pair = 0; pair < outputs * channels; pair++) {
    const columns = [0, 1, 2].map((j) => lifted([0, 1, 2].map((i) => weight[9 * pair + 3 * i + j]!)));
    for (let i = 0; i < 4; i++) {
      const row = lifted(columns.map((column) => column[i]!));
      for (let j = 0; j < 4; j++) transformed[4 * i + j]![pair] = row[j]!;
    }
  }
  transformed.forEach((matrix, e) => {
    packPanels(matrix, outputs, channels, machine.floats(at + 4 * e * length, length), layer.epilogue.scale);
  });
  return at;
}

/** G times three numbers. */
const lifted = ([a = 0, b = 0, c = 0]: readonly number[]): number[] => [a, (a + b + c) / 2, (a - b + c) / 2, c];

function bind(machine: Machine, weights: number, bias: number, { epilogue }: Layer<ConvShape>, shape: ConvShape): Bound {
  const { batch, channels, height, width, outputs, outHeight, outWidth } = shape;
  const { low, high } = epilogue;
  const tiles = tilesOf(shape);
  const geometry = geometryOf(tiles);
  const { pitch, planeBytes } = geometry;
  const [xBytes, yBytes] = [4 * channels * height * width, 4 * outputs * pixelsOf(shape)];
  const planes = Math.ceil((4 * channels * planeBytes) / 64) * 64;
  const own = machine.exports.winogradScratch(channels, outputs, tiles.outHeight, pitch);
  return {
    scratchBytes: planes + machine.parts * own,
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        spreadPlanes(machine, tiles, geometry, channels, x + n * xBytes, scratch);
        machine.inParts(tiles.outHeight, 1, 16 * outputs * channels * tiles.outHeight * pitch, ({ winograd }, first, count, part) =>
          winograd(
            scratch,
            channels,
            pitch,
            planeBytes,
            weights,
            outputs,
            first,
            first + count,
            outHeight,
            outWidth,
            bias,
            low,
            high,
            y + n * yBytes,
            scratch + planes + part * own,
          ),
        );
      }
    },
  };
}
