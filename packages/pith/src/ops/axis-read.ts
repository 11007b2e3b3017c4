/**
 * Reading along axes by fixed index lists, which is what Slice, Pad, Tile and Resize do, and its gradient: each element gives its
 * gradient back to the position it came from. One Pad where a list is a run, a ConvTranspose where it skips
 * pixels (8 times faster than gathering, measured in ONNX Runtime); a Reshape and a ReduceSum where positions repeat evenly;
 * otherwise a Gather from the gradient and a zero.
 */
import { stridesOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Ref } from './op.js';
import { eachPosition, flat } from './walk.js';

/** What was read along an axis: `from(i)` is the position in the input of output position i < length, or −1 where it has none. */
export interface AxisRead {
  readonly axis: number;
  readonly length: number;
  readonly from: (i: number) => number;
}

/** A tensor of zeros that takes no room in the file. */
export const zerosOf = (op: Builder, like: Value, dims: readonly number[]): Value => op.Expand(op.scalar(0, like.dtype), dims);

/** The shape that comes out. */
export const readDims = (dims: readonly number[], reads: readonly AxisRead[]): number[] =>
  dims.map((d, axis) => reads.find((r) => r.axis === axis)?.length ?? d);

/** The reading itself, for references; positions without a source get `fill`. */
export function readAxes(x: Ref, reads: readonly AxisRead[], fill = 0): Ref {
  const sources = x.dims.map((_, axis) => reads.find((r) => r.axis === axis)?.from);
  const strides = stridesOf(x.dims);
  const dims = readDims(x.dims, reads);
  const data = new Float64Array(sizeOf(dims));
  eachPosition(dims, (at, i) => {
    const from = at.map((p, axis) => sources[axis]?.(p) ?? p);
    data[i] = from.includes(-1) ? fill : x.data[flat(from, strides)]!;
  });
  return { dtype: x.dtype, dims, data };
}

/** The gradient of the input, of shape `dims`, from the gradient of the output. */
export function spread(op: Builder, dy: Value, dims: readonly number[], reads: readonly AxisRead[]): Value {
  if (sizeOf(dims) === 0 || sizeOf(dy.dims) === 0) return zerosOf(op, dy, dims);
  const lists = reads.map(({ axis, length, from }) => ({ axis, from: Array.from({ length }, (_, i) => from(i)) }));
  const dilated = dims.length === 4 && lists.some((l) => l.axis >= 2 && stepOf(l) > 1) ? dilate(op, dy, dims, lists) : { dy, lists };
  const pads = new Array<number>(2 * dims.length).fill(0);
  for (const { axis, from } of dilated.lists.filter((l) => stepOf(l) === 1)) {
    pads[axis] = from[0]!;
    pads[axis + dims.length] = dims[axis]! - from[0]! - from.length;
  }
  const padded = pads.every((p) => p === 0) ? dilated.dy : op.Pad(dilated.dy, pads);
  return dilated.lists.filter((l) => stepOf(l) !== 1).reduce((sum, l) => spreadAxis(op, sum, l, dims[l.axis]!), padded);
}

interface List {
  readonly axis: number;
  readonly from: readonly number[];
}

/** The constant distance between neighbours; 1 for a run, 0 where there is none or a position has no source. */
function stepOf({ from }: List): number {
  const step = from.length > 1 ? from[1]! - from[0]! : 1;
  return step > 0 && from.every((p, i) => p >= 0 && p === from[0]! + i * step) ? step : 0;
}

/** Every k-th pixel of an image: zeros go between by a ConvTranspose with a kernel of one 1. What is left to do are runs. */
function dilate(op: Builder, dy: Value, dims: readonly number[], lists: readonly List[]): { dy: Value; lists: readonly List[] } {
  const strided = [2, 3].map((axis) => lists.find((l) => l.axis === axis && stepOf(l) > 1));
  const strides = strided.map((l) => (l ? stepOf(l) : 1));
  const rest = strided.map((l, i) => (l ? Math.min(strides[i]! - 1, dims[l.axis]! - 1 - l.from.at(-1)!) : 0));
  const channels = dy.dims[1]!;
  const ones = op.Expand(op.scalar(1, dy.dtype), [channels, 1, 1, 1]);
  const wide = op.ConvTranspose(dy, ones, { group: channels, kernel_shape: [1, 1], strides, output_padding: rest });
  const run = (l: List): List => ({ axis: l.axis, from: Array.from({ length: wide.dims[l.axis]! }, (_, i) => l.from[0]! + i) });
  return { dy: wide, lists: lists.map((l) => (strided.includes(l) ? run(l) : l)) };
}

function spreadAxis(op: Builder, dy: Value, { axis, from }: List, size: number): Value {
  const before = dy.dims.slice(0, axis);
  const after = dy.dims.slice(axis + 1);
  const summed = (value: Value, split: readonly [number, number], over: 0 | 1): Value =>
    op.ReduceSum(op.Reshape(value, [...before, ...split, ...after]), [axis + over], false);
  const times = from.length / size;
  if (Number.isInteger(times) && from.every((p, i) => p === Math.floor(i / times))) return summed(dy, [size, times], 1);
  if (Number.isInteger(times) && from.every((p, i) => p === i % size)) return summed(dy, [times, size], 0);
  const readers = Array.from({ length: size }, (): number[] => []);
  from.forEach((p, i) => {
    if (p >= 0) readers[p]!.push(i);
  });
  const most = Math.max(1, ...readers.map((list) => list.length));
  const table = readers.flatMap((list) => [...list, ...new Array<number>(most - list.length).fill(from.length)]);
  const withZero = op.Concat([dy, zerosOf(op, dy, [...before, 1, ...after])], axis);
  const given = op.Gather(withZero, op.ints(...table), axis);
  return most === 1 ? given : summed(given, [size, most], 1);
}
