/** Gradient of a convolution with respect to its weight: the correlation of input and output gradient. The forms are files of their own. */
import { sizeOf } from '../../base/tensor.js';
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import type { ConvForm } from './form.js';
import { byMergedAxis } from './weight-merged.js';
import { byProduct } from './weight-product.js';
import { byTransposedOperands } from './weight-transposed.js';

/** dw [filters, channels/group, kernel…] from x [batch, channels, size…] and dy [batch, filters, positions…]. */
export function weightGradient(op: Builder, form: ConvForm, x: Value, dy: Value): Value {
  const { group, channels, filters, axes } = form;
  const pointwise = group === 1 && axes.every((a) => a.kernel === 1 && a.stride === 1 && a.before + a.after === 0);
  // The product makes one matrix of the weight's size per image: worth it while that is less than the images themselves.
  if (pointwise && channels * filters <= (channels + filters) * sizeOf(axes.map((a) => a.size))) return byProduct(op, form, x, dy);
  return axes.at(-1)!.dilation === 1 ? byMergedAxis(op, form, x, dy) : byTransposedOperands(op, form, x, dy);
}
