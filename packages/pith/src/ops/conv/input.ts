/** Gradient of a convolution with respect to its input: each output element goes back along the weights that it came by. */
import { sizeOf } from '../../base/tensor.js';
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { padsOf, reach } from '../window.js';
import type { ConvForm } from './form.js';
import { swapBatch, unread } from './operands.js';

/** dx [batch, channels, size…] from dy [batch, filters, positions…] and the weight. */
export function inputGradient(op: Builder, form: ConvForm, dy: Value, weight: Value): Value {
  const { axes } = form;
  const possible = axes.every((a) => a.stride === 1 && a.before < reach(a) && a.after < reach(a));
  // The rotated convolution does work per input element, the transposed one per output element; and it copies the weight.
  const grows = sizeOf(axes.map((a) => a.size)) > 1.3 * sizeOf(axes.map((a) => a.positions));
  const heavy = sizeOf(weight.dims) > sizeOf(dy.dims);
  return possible && !grows && !heavy ? byRotatedConv(op, form, dy, weight) : byTransposedConv(op, form, dy, weight);
}

/** Stride 1: a convolution with the weight rotated by half a turn, its two channel axes exchanged; faster than ConvTranspose. */
function byRotatedConv(op: Builder, { group, channels, filters, axes }: ConvForm, dy: Value, weight: Value): Value {
  const kernel = axes.map((a) => a.kernel);
  const [m, c] = [filters / group, channels / group];
  const spatial = axes.map((_, i) => i + 3);
  const exchanged =
    group === 1
      ? swapBatch(op, weight)
      : op.Reshape(op.Transpose(op.Reshape(weight, [group, m, c, ...kernel]), [0, 2, 1, ...spatial]), [channels, m, ...kernel]);
  const wide = axes.flatMap((a, i) => (a.kernel > 1 ? [i] : []));
  const rotated = wide.length
    ? op.Slice(
        exchanged,
        wide.map(() => -1),
        wide.map(() => -1 - 2 ** 31),
        wide.map((i) => i + 2),
        wide.map(() => -1),
      )
    : exchanged;
  return op.Conv(dy, rotated, undefined, {
    kernel_shape: kernel,
    pads: padsOf(axes.map((a) => ({ before: reach(a) - 1 - a.before, after: reach(a) - 1 - a.after }))),
    dilations: axes.map((a) => a.dilation),
    group,
  });
}

/** Each output element spreads over its window: any stride. */
export function byTransposedConv(op: Builder, { group, axes }: ConvForm, dy: Value, weight: Value): Value {
  return op.ConvTranspose(dy, weight, {
    kernel_shape: axes.map((a) => a.kernel),
    strides: axes.map((a) => a.stride),
    dilations: axes.map((a) => a.dilation),
    pads: padsOf(axes.map((a) => ({ before: a.before, after: Math.max(0, unread(a)) }))),
    output_padding: axes.map((a) => Math.max(0, -unread(a))),
    group,
  });
}
