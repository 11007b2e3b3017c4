/** What the forms of the convolution's gradients do to their operands. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import { reach, type WindowAxis } from '../window.js';

/** [a, b, …] as [b, a, …]. */
export const swapBatch = (op: Builder, x: Value): Value => op.Transpose(x, [1, 0, ...x.dims.slice(2).map((_, i) => i + 2)]);

/** How far the windows together reach beyond the input's end; negative where they leave a rest of it that none meets. */
export const unread = (a: WindowAxis): number => (a.positions - 1) * a.stride + reach(a) - a.before - a.size;

/** The first elements along the spatial axes, where there are more than wanted. */
export function crop(op: Builder, x: Value, spatial: readonly number[]): Value {
  const axes = spatial.flatMap((size, i) => (x.dims[i + 2] === size ? [] : [i + 2]));
  const starts = axes.map(() => 0);
  const ends = axes.map((i) => spatial[i - 2]!);
  return axes.length ? op.Slice(x, starts, ends, axes) : x;
}
