/** Windows that slide over one or two spatial axes: their number, where they start, what they see. Shared by Conv and the pools. */
import type { NodeView } from './node-view.js';

export interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** One axis over a certain input. */
export interface Span extends Axis {
  readonly input: number;
  readonly output: number;
  /** Padding before and behind. */
  readonly before: number;
  readonly behind: number;
}

export type Windows = (spatial: readonly number[]) => readonly [y: Span, x: Span];

/** Reads the attributes once; the result places the windows over an input of any size. One axis counts as the second of two. */
export function windowsOf(node: NodeView, kernel: readonly number[]): Windows {
  const rank = kernel.length;
  if (rank < 1 || rank > 2) node.unsupported('one or two spatial axes', String(rank));
  const strides = node.ints('strides') ?? new Array<number>(rank).fill(1);
  const dilations = node.ints('dilations') ?? new Array<number>(rank).fill(1);
  const pads = node.ints('pads') ?? new Array<number>(2 * rank).fill(0);
  const auto = node.string('auto_pad', 'NOTSET');
  const ceil = node.int('ceil_mode', 0) === 1;
  if (strides.length !== rank || dilations.length !== rank || pads.length !== 2 * rank)
    node.wrong(`strides, dilations and pads for ${rank} axes`, `${strides.length}, ${dilations.length} and ${pads.length}`);
  if ([...kernel, ...strides, ...dilations].some((n) => !(n >= 1 && n < 2 ** 20)) || pads.some((n) => n >= 2 ** 20))
    node.wrong('sizes from 1 to 2^20', `[${kernel}], [${strides}], [${dilations}], [${pads}]`);
  if (pads.some((n) => n < 0)) node.unsupported('pads that are not negative', `[${pads}]`);

  const span = (axis: number, input: number): Span => {
    const form = { kernel: kernel[axis]!, stride: strides[axis]!, dilation: dilations[axis]!, input };
    const reach = (form.kernel - 1) * form.dilation + 1;
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const output = Math.ceil(input / form.stride);
      const total = Math.max(0, (output - 1) * form.stride + reach - input);
      const before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      return { ...form, output, before, behind: total - before };
    }
    const before = auto === 'VALID' ? 0 : pads[axis]!;
    const behind = auto === 'VALID' ? 0 : pads[rank + axis]!;
    const room = (input + before + behind - reach) / form.stride;
    let output = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
    // a window that would start in the padding behind does not count
    if (ceil && (output - 1) * form.stride >= input + before) output--;
    if (output < 1) node.wrong(`an input of at least ${reach - before - behind} along a spatial axis`, String(input));
    return { ...form, output, before, behind };
  };
  const single: Span = { kernel: 1, stride: 1, dilation: 1, input: 1, output: 1, before: 0, behind: 0 };
  return (spatial) => {
    if (spatial.length !== rank) node.wrong(`an input with ${rank} spatial axes`, String(spatial.length));
    return rank === 1 ? [single, span(0, spatial[0]!)] : [span(0, spatial[0]!), span(1, spatial[1]!)];
  };
}
