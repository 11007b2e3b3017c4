/** Shape arithmetic: broadcasting as NumPy and ONNX define it, strides, axes. */
import { PithError } from './errors.js';

/** The shape that two or more shapes broadcast to. Throws `input.broadcast`. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes)
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const d = shape[i]!;
      if (d === 1 || d === out[at]) continue;
      if (out[at] !== 1)
        throw new PithError('input.broadcast', { expected: 'shapes that broadcast', got: shapes.map((s) => `[${s}]`).join(' and ') });
      out[at] = d;
    }
  return out;
}

/** Row-major strides in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i]!;
  }
  return strides;
}

/** Strides for reading `dims` as if it had the broadcast shape `target`: 0 along repeated axes. */
export function broadcastStrides(dims: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(dims);
  const pad = target.length - dims.length;
  return target.map((_, i) => (i < pad || dims[i - pad] === 1 ? 0 : own[i - pad]!));
}

/** An axis in −rank … rank − 1 as 0 … rank − 1. Throws `input.axis`. */
export function axisOf(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new PithError('input.axis', { expected: `an axis in ${-rank} … ${rank - 1}`, got: String(axis) });
  return axis < 0 ? axis + rank : axis;
}

export const sameDims = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
