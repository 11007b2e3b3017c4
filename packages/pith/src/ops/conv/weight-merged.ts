/**
 * Weight gradient as one convolution whose output is wide. dw[m, k, c] = Σ over n, p of dy[n, m, p] · x[n, p·stride + k − before, c] is a
 * convolution of ONE image with the batch as channels and dy as the filters. With the channels c innermost, the last spatial axis and c
 * merge into one axis of size·C along which a step of one element is a dilation of C; ONNX Runtime's im2col then copies runs of
 * kernel·C numbers. No Pad, Slice or Concat: one transposition of each operand, one Conv, one transposition of the small result.
 *
 * Milliseconds, one thread, batch 32, 3×3, stride 1: [16,32,32] 2.9 (nine shifted runs and a Gemm each 4.8, shifts on both operands and one
 * Gemm 5.0, Conv on transposed operands 8.3); [32,16,16] 1.9 (3.4, 3.9, 5.5); [64,8,8] 1.5 (3.0, 3.6, 3.8). Stride 2, [16,32,32] to 32:
 * 1.3 (Conv on transposed operands 3.0). LeNet's second layer, batch 64: 2.0 (3.4).
 */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { type ConvForm, weightDims } from './form.js';
import { crop, swapBatch, unread } from './operands.js';

/** Needs dilation 1 along the last axis. */
export function byMergedAxis(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  const { batch, group, channels, filters, axes } = form;
  const c = channels / group;
  const rank = axes.length;
  const sizes = axes.map((a) => a.size);
  const kernel = axes.map((a) => a.kernel);
  const wide = (list: readonly number[]): number[] => [...list.slice(0, -1), list.at(-1)! * c];
  const channelsLast =
    group === 1
      ? op.Transpose(x, [0, ...axes.map((_, i) => i + 2), 1])
      : op.Transpose(op.Reshape(x, [batch, group, c, ...sizes]), [1, 0, ...axes.map((_, i) => i + 3), 2]);
  const dw = op.Conv(op.Reshape(channelsLast, [1, group * batch, ...wide(sizes)]), swapBatch(op, dy), undefined, {
    kernel_shape: axes.map((a) => a.positions),
    strides: axes.map((a) => a.dilation),
    dilations: wide(axes.map((a) => a.stride)),
    pads: [...wide(axes.map((a) => a.before)), ...wide(axes.map((a) => Math.max(0, unread(a))))],
    group,
  });
  const cropped = op.Reshape(crop(op, dw, wide(kernel)), [filters, ...kernel, c]);
  return op.Reshape(op.Transpose(cropped, [0, rank + 1, ...axes.map((_, i) => i + 1)]), weightDims(form));
}
