/** Gradient of a bias per channel: the sum of the output gradient over batch and spatial axes. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';

/** [channels] from [batch, channels, …]. */
export const biasGradient = (op: Builder, dy: Value): Value => op.ReduceSum(dy, [0, ...dy.dims.slice(2).map((_, i) => i + 2)], false);
