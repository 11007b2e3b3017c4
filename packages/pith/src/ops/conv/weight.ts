/** Gradient of a convolution with respect to its weight: the correlation of input and output gradient. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { reach } from '../window.js';
import { type ConvForm, weightDims } from './form.js';

/** dw [filters, channels/group, kernel…] from x [batch, channels, size…] and dy [batch, filters, positions…]. */
export function weightGradient(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  return byTransposedOperands(op, form, x, dy);
}

/**
 * dw[m, c, k] = Σ over n, p of dy[n, m, p] · x[n, c, p·stride + k·dilation − before] is itself a convolution: the batch takes the place of
 * the channels, dy that of the weight, stride and dilation change roles.
 */
function byTransposedOperands(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  const { batch, group, channels, axes } = form;
  const c = channels / group;
  const spatial = axes.map((_, i) => i + 2);
  const sizes = axes.map((a) => a.size);
  const images =
    group === 1
      ? op.Transpose(x, [1, 0, ...spatial])
      : op.Reshape(op.Transpose(op.Reshape(x, [batch, group, c, ...sizes]), [2, 1, 0, ...spatial.map((i) => i + 1)]), [
          c,
          group * batch,
          ...sizes,
        ]);
  const filter = op.Transpose(dy, [1, 0, ...spatial]);
  const needed = axes.map((a) => reach(a) + (a.positions - 1) * a.stride - a.size - a.before);
  const dw = op.Conv(images, filter, undefined, {
    kernel_shape: axes.map((a) => a.positions),
    strides: axes.map((a) => a.dilation),
    dilations: axes.map((a) => a.stride),
    pads: [...axes.map((a) => a.before), ...needed.map((p) => Math.max(0, p))],
    group,
  });
  const turned = op.Transpose(dw, [1, 0, ...spatial]);
  const dims = weightDims(form);
  const extra = spatial.filter((i) => turned.dims[i] !== dims[i]);
  return extra.length
    ? op.Slice(
        turned,
        extra.map(() => 0),
        extra.map((i) => dims[i]!),
        extra,
      )
    : turned;
}
