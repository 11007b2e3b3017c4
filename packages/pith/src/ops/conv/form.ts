/**
 * A convolution as its gradient rules see it: y[m, p] = Σ over c, k of w[m, c, k] · x[c, p·stride + k·dilation − before], the channels
 * c of the group of m only. Weight [m, c/group, kernel…]. The transposed convolution is the same form with x and y exchanged.
 */
import type { NodeView } from '../op.js';
import { kernelOf, type WindowAxis, windowsOf } from '../window.js';

export interface ConvForm {
  readonly batch: number;
  readonly group: number;
  /** Channels of x, all groups together. */
  readonly channels: number;
  /** Channels of y: filters, all groups together. */
  readonly filters: number;
  readonly axes: readonly WindowAxis[];
}

/** Reads a Conv node. Throws `input.node`. */
export function convForm(n: NodeView): ConvForm {
  const [x, w] = [n.input(0).dims, n.input(1).dims];
  const rank = x.length - 2;
  if (rank < 1 || w.length !== x.length) n.fail('an image of batch, channels and spatial axes, and a weight of its rank', `[${x}], [${w}]`);
  const group = n.int('group', 1);
  const [batch, channels] = x as [number, number];
  const filters = w[0]!;
  if (!(group >= 1) || w[1]! * group !== channels || filters % group !== 0)
    n.fail(`a weight for ${channels} channels in ${group} groups`, `[${w}]`);
  const bias = n.inputs[2]?.dims;
  if (bias && (bias.length !== 1 || bias[0] !== filters)) n.fail(`a bias of [${filters}]`, `[${bias}]`);
  return { batch, group, channels, filters, axes: windowsOf(n, x.slice(2), kernelOf(n, rank, w.slice(2))) };
}

export const inputDims = (f: ConvForm): number[] => [f.batch, f.channels, ...f.axes.map((a) => a.size)];
export const outputDims = (f: ConvForm): number[] => [f.batch, f.filters, ...f.axes.map((a) => a.positions)];
export const weightDims = (f: ConvForm): number[] => [f.filters, f.channels / f.group, ...f.axes.map((a) => a.kernel)];
