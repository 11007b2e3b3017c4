/**
 * Weight gradient of a 1×1 convolution: dw = Σ over images of dy·xᵀ. ONNX Runtime fuses the transposition into the product, so no operand
 * is copied: 0.6 ms against 1.0 ms for one large Gemm on transposed operands ([32,64,16,16] to 64 filters, one thread).
 */
import { sizeOf } from '../../base/tensor.js';
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { type ConvForm, weightDims } from './form.js';

export function byProduct(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  const { batch, channels, filters, axes } = form;
  const plane = sizeOf(axes.map((a) => a.size));
  const images = op.Reshape(x, [batch, channels, plane]);
  const gradients = op.Reshape(dy, [batch, filters, plane]);
  return op.Reshape(op.ReduceSum(op.MatMul(gradients, op.Transpose(images, [0, 2, 1])), [0], false), weightDims(form));
}
