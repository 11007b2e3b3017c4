/**
 * Sliding windows along the spatial axes: what Conv, ConvTranspose and the pools share. Reads kernel_shape, strides, dilations, pads,
 * auto_pad and ceil_mode, and answers which input element each window element meets.
 */
import { sizeOf } from '../base/tensor.js';
import type { NodeView } from './op.js';

/** One spatial axis of a window that moves over an input. */
export interface WindowAxis {
  /** Input elements, padding not counted. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before and after the input. */
  readonly before: number;
  readonly after: number;
  /** How many places the window takes: the output size. */
  readonly positions: number;
}

/** Input elements from the first to the last that one window meets. */
export const reach = ({ kernel, dilation }: Pick<WindowAxis, 'kernel' | 'dilation'>): number => dilation * (kernel - 1) + 1;

/** Pads in the order of ONNX: all starts, then all ends. */
export const padsOf = (axes: readonly Pick<WindowAxis, 'before' | 'after'>[]): number[] => [
  ...axes.map((a) => a.before),
  ...axes.map((a) => a.after),
];

/** An attribute with one whole number per axis (two for pads). Throws `input.node` where the length or a number is wrong. */
export function perAxis(n: NodeView, name: string, length: number, least: number): number[] {
  const list = n.ints(name) ?? new Array<number>(length).fill(least);
  if (list.length !== length || list.some((v) => !Number.isSafeInteger(v) || v < least))
    n.fail(`${name} of ${length} whole numbers of at least ${least}`, `[${list}]`);
  return [...list];
}

/** The window shape: `kernel_shape`, which must agree with the weight where there is one. Throws `input.node`. */
export function kernelOf(n: NodeView, rank: number, weight?: readonly number[]): number[] {
  const kernel = n.ints('kernel_shape') ? perAxis(n, 'kernel_shape', rank, 1) : [...(weight ?? n.fail('attribute kernel_shape', 'none'))];
  if (weight && (weight.length !== rank || kernel.some((k, i) => k !== weight[i] || k < 1)))
    n.fail(`kernel_shape [${kernel}] to be that of the weight, one size per spatial axis of ${rank}`, `[${weight}]`);
  return kernel;
}

/** How the window moves over an input of these spatial sizes. Throws `input.node` where it does not fit once. */
export function windowsOf(n: NodeView, sizes: readonly number[], kernel: readonly number[]): WindowAxis[] {
  const rank = sizes.length;
  const strides = perAxis(n, 'strides', rank, 1);
  const dilations = perAxis(n, 'dilations', rank, 1);
  const pads = perAxis(n, 'pads', 2 * rank, 0);
  const mode = n.string('auto_pad', 'NOTSET');
  const ceil = n.int('ceil_mode', 0) !== 0;
  return sizes.map((size, i) => {
    const axis = { size, kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]! };
    const padded = padding(n, mode, axis, pads[i]!, pads[rank + i]!);
    const room = size + padded.before + padded.after - reach(axis);
    if (room < 0) n.fail(`a window of at most ${room + reach(axis)} elements along spatial axis ${i}`, `${reach(axis)}`);
    const positions = (ceil ? Math.ceil(room / axis.stride) : Math.floor(room / axis.stride)) + 1;
    // A last window that begins in the padding behind the input is not taken.
    const begun = ceil && (positions - 1) * axis.stride >= size + padded.before ? positions - 1 : positions;
    return { ...axis, ...padded, positions: begun };
  });
}

type Bare = Pick<WindowAxis, 'size' | 'kernel' | 'stride' | 'dilation'>;

function padding(n: NodeView, mode: string, axis: Bare, before: number, after: number): Pick<WindowAxis, 'before' | 'after'> {
  if (mode === 'NOTSET') return { before, after };
  if (mode === 'VALID') return { before: 0, after: 0 };
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') n.fail('auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER', `"${mode}"`);
  const positions = Math.ceil(axis.size / axis.stride);
  const total = Math.max(0, (positions - 1) * axis.stride + reach(axis) - axis.size);
  const less = Math.floor(total / 2);
  return mode === 'SAME_UPPER' ? { before: less, after: total - less } : { before: total - less, after: less };
}

/** A window element that meets padding, and one that lies beyond the padding (the last window of ceil_mode). */
export const inPadding = -1;
const beyond = -2;

/**
 * For each position of the window, in row-major order, the flat index of the input element that each window element meets, or
 * `inPadding` or `beyond`.
 */
export function taps(axes: readonly WindowAxis[]): Int32Array[] {
  const kernel = axes.map((a) => a.kernel);
  return Array.from({ length: sizeOf(axes.map((a) => a.positions)) }, (_, p) => {
    const position = unflatten(
      p,
      axes.map((a) => a.positions),
    );
    return Int32Array.from({ length: sizeOf(kernel) }, (_, k) => {
      const element = unflatten(k, kernel);
      let flat = 0;
      let outside = 0;
      axes.forEach((a, i) => {
        const at = position[i]! * a.stride + element[i]! * a.dilation - a.before;
        if (at >= a.size + a.after) outside = beyond;
        else if ((at < 0 || at >= a.size) && outside === 0) outside = inPadding;
        flat = flat * a.size + at;
      });
      return outside || flat;
    });
  });
}

/** The index of a row-major flat position. */
function unflatten(flat: number, dims: readonly number[]): number[] {
  const at = new Array<number>(dims.length);
  for (let i = dims.length - 1; i >= 0; i--) {
    at[i] = flat % dims[i]!;
    flat = (flat - at[i]!) / dims[i]!;
  }
  return at;
}
