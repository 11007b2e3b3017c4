/** Convolutions by the weights that are kept, each an offset into spread planes. Depthwise ones are those of small groups, kept whole. */
import type { Bound, ConvShape } from '../choice.js';
import { type Entries, type EntryForm, entryForms, writeOffsets } from '../entries.js';
import { geometryOf } from '../geometry.js';
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
  const { kind, values, order, starts, bias, entries, scale } = weights;
  const { sparse, sparseConv } = machine.exports;
  const { batch, channels, height, width, outputs, groups, pads, strides, outHeight, outWidth } = shape;
  const { low, high } = layer.epilogue;
  const geometry = geometryOf(shape);
  const { pitch, planeBytes, planeRows, phases, flat } = geometry;
  const [down, across] = shape.kernel;
  const [perGroup, perRow, pixels] = [channels / groups, outputs / groups, pixelsOf(shape)];
  const offsets = new Uint32Array(perGroup * down * across);
  for (let channel = 0, i = 0; channel < perGroup; channel++)
    for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) offsets[i++] = geometry.offset(channel, y, x);
  writeOffsets(machine, weights, offsets);
  const [xBytes, yBytes] = [4 * channels * height * width, 4 * outputs * pixels];
  if (geometry.asItIs && pitch === outWidth && groups === 1)
    return {
      scratchBytes: 0,
      run(x, y) {
        for (let n = 0; n < batch; n++)
          sparse(kind, values, x + n * xBytes, flat, outputs, order, starts, entries, scale, bias, low, high, y + n * yBytes, 4 * pixels);
      },
    };
  return {
    scratchBytes: perGroup * phases * planeBytes + perRow * (4 * flat + 16) + 64,
    run(x, y, scratch) {
      for (let n = 0; n < batch; n++)
        sparseConv(
          kind,
          values,
          x + n * xBytes,
          groups,
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
          order,
          starts,
          entries,
          scale,
          bias,
          low,
          high,
          y + n * yBytes,
          scratch,
        );
    },
  };
}
