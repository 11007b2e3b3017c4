/**
 * Weight gradient as a convolution of transposed operands: the batch takes the place of the channels, the channels that of the batch, dy
 * that of the weight; stride and dilation change roles. Right for every form; its outputs are as small as a kernel, so it is slow.
 */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import type { ConvForm } from './form.js';
import { crop, swapBatch, unread } from './operands.js';

export function byTransposedOperands(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  const { batch, group, channels, axes } = form;
  const c = channels / group;
  const sizes = axes.map((a) => a.size);
  const regrouped = (): Value => op.Transpose(op.Reshape(x, [batch, group, c, ...sizes]), [2, 1, 0, ...axes.map((_, i) => i + 3)]);
  const images = group === 1 ? swapBatch(op, x) : op.Reshape(regrouped(), [c, group * batch, ...sizes]);
  const dw = op.Conv(images, swapBatch(op, dy), undefined, {
    kernel_shape: axes.map((a) => a.positions),
    strides: axes.map((a) => a.dilation),
    dilations: axes.map((a) => a.stride),
    pads: [...axes.map((a) => a.before), ...axes.map((a) => Math.max(0, unread(a)))],
    group,
  });
  const kernel = axes.map((a) => a.kernel);
  return swapBatch(op, crop(op, dw, kernel));
}
