/** Convolutions by the weights that are kept, each an offset into spread planes. Depthwise ones are those of small groups, kept whole. */
import type { Bound, ConvShape } from '../choice.js';
import { type Entries, type EntryForm, entryForms, writeOffsets } from '../entries.js';
import { type Geometry, geometryOf, spreadPlanes } from '../geometry.js';
import { type Layer, pixelsOf } from '../layer.js';
import type { Machine } from '../machine.js';
import type { ConvWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { output: 0.25, spread: 0.5 };

const wayOf = (form: EntryForm): ConvWay => ({
  name: `conv-${form.name}`,
  exact: true,
  choice(layer) {
    const { shape, nonZeros } = layer;
    const { batch, channels, height, width, outputs } = shape;
    if (!form.fits(layer)) return undefined;
    const { asItIs, flat } = geometryOf(shape);
    const moved = asItIs ? 0 : channels * height * width + outputs * flat;
    return {
      nanoseconds: batch * (flat * (nonZeros * form.nanoseconds + outputs * nanoseconds.output) + moved * nanoseconds.spread),
      multiplyAdds: batch * nonZeros * pixelsOf(shape),
      weightBytes: form.bytes * nonZeros + 8 * outputs,
      pack(machine) {
        const weights = { ...form.put(machine, layer, outputs / shape.groups), bias: machine.put(layer.bias()) };
        return { bind: (at) => bind(machine, weights, layer, at) };
      },
    };
  },
});

export const sparseWays: readonly ConvWay[] = entryForms.map(wayOf);

interface Weights extends Entries {
  readonly bias: number;
}

function bind(machine: Machine, weights: Weights, layer: Layer<ConvShape>, shape: ConvShape): Bound {
  const { channels, groups, kernel } = shape;
  const geometry = geometryOf(shape);
  const offsets = new Uint32Array((channels / groups) * kernel[0] * kernel[1]);
  for (let channel = 0, i = 0; channel < channels / groups; channel++)
    for (let y = 0; y < kernel[0]; y++) for (let x = 0; x < kernel[1]; x++) offsets[i++] = geometry.offset(channel, y, x);
  writeOffsets(machine, weights, offsets);
  return (groups === 1 ? bindWhole : bindGroups)(machine, weights, layer, shape, geometry);
}

type Bind = (machine: Machine, weights: Weights, layer: Layer<ConvShape>, shape: ConvShape, geometry: Geometry) => Bound;

/** Rows of outputs may lie farther apart than they are long: their ends are then left out at last. */
const bindWhole: Bind = (machine, weights, { epilogue: { low, high } }, shape, geometry) => {
  const { kind, values, order, starts, bias, entries, scale, columns } = weights;
  const { batch, channels, height, width, outputs, outHeight, outWidth } = shape;
  const { asItIs, flat, phases, pitch, planeBytes } = geometry;
  const [xBytes, yBytes] = [4 * channels * height * width, 4 * outputs * pixelsOf(shape)];
  const planes = asItIs ? 0 : channels * phases * planeBytes + 64;
  const isFlat = pitch === outWidth;
  const row = isFlat ? 4 * flat : 4 * flat + 16;
  return {
    scratchBytes: planes + (isFlat ? 0 : outputs * row),
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++) {
        const [image, to] = [x + n * xBytes, y + n * yBytes];
        const from = asItIs ? image : scratch;
        const out = isFlat ? to : scratch + planes;
        if (!asItIs) spreadPlanes(machine, shape, geometry, channels, image, scratch);
        machine.inParts(flat, 4, columns.length * flat, ({ sparse }, first, count) => {
          const [left, right] = [from + 4 * first, out + 4 * first];
          sparse(kind, values, left, count, outputs, order, starts, entries, scale, bias, low, high, right, row);
        });
        if (!isFlat)
          machine.inParts(outputs, 1, 3 * outputs * flat, ({ gather }, first, count) =>
            gather(out + first * row, pitch, row, count, outHeight, outWidth, to + 4 * first * outHeight * outWidth),
          );
      }
    },
  };
};

const bindGroups: Bind = (machine, weights, { epilogue: { low, high } }, shape, geometry) => {
  const { kind, values, order, starts, bias, entries, scale, columns } = weights;
  const { batch, channels, height, width, outputs, groups, pads, strides, outHeight, outWidth } = shape;
  const { pitch, planeBytes, planeRows, phases, flat } = geometry;
  const [perGroup, perRow] = [channels / groups, outputs / groups];
  const [xBytes, yBytes] = [4 * perGroup * height * width, 4 * perRow * pixelsOf(shape)];
  const own = Math.ceil((perGroup * phases * planeBytes + perRow * (4 * flat + 16)) / 64) * 64 + 64;
  const work = flat * (columns.length + 3 * (channels * phases + outputs));
  return {
    scratchBytes: machine.parts * own,
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++)
        machine.inParts(groups, 1, work, ({ sparseConv }, first, count, part) =>
          sparseConv(
            kind,
            values,
            x + (n * groups + first) * xBytes,
            count,
            perGroup,
            perRow,
            height,
            width,
            pads[0],
            pads[1],
            strides[0],
            strides[1],
            pitch,
            planeBytes,
            planeRows,
            outHeight,
            outWidth,
            order + 4 * first * perRow,
            starts + 4 * first * perRow * (kind === 2 ? 2 : 1),
            entries,
            scale + 4 * first * perRow,
            bias + 4 * first * perRow,
            low,
            high,
            y + (n * groups + first) * yBytes,
            scratch + part * own,
          ),
        );
    },
  };
};
