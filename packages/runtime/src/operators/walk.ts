/** How kernels go over axes: sizes and strides as the table that assembly/kernels/walk.ts reads, with as few axes as will do. */
import { PithError } from '../errors.js';

export interface Axes {
  readonly dims: readonly number[];
  /** For each operand, strides in elements. */
  readonly strides: readonly (readonly number[])[];
}

export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  for (let i = dims.length - 1, step = 1; i >= 0; step *= dims[i--]!) strides[i] = step;
  return strides;
}

/** Leaves out axes of size 1 and joins neighbours that all operands go over as one; at least one axis remains. */
export function collapsed({ dims, strides }: Axes): Axes {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  dims.forEach((size, axis) => {
    if (size === 1) return;
    const before = sizes.length - 1;
    if (before >= 0 && strides.every((list, k) => steps[k]![before] === list[axis]! * size)) {
      sizes[before]! *= size;
      for (const [k, list] of strides.entries()) steps[k]![before] = list[axis]!;
      return;
    }
    sizes.push(size);
    for (const [k, list] of strides.entries()) steps[k]!.push(list[axis]!);
  });
  if (sizes.length > 0) return { dims: sizes, strides: steps };
  return { dims: [1], strides: strides.map(() => [0]) };
}

/** The table of these axes: rank, sizes, strides of each operand, room for counters. */
export function tableOf({ dims, strides }: Axes): Int32Array {
  return Int32Array.from([dims.length, ...dims, ...strides.flat(), ...dims.map(() => 0)]);
}

/** The shape that all broadcast to. Throws `input.broadcast`. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const dims of shapes) {
      const d = dims[i - (rank - dims.length)] ?? 1;
      if (d !== size && d !== 1 && size !== 1)
        throw new PithError('input.broadcast', {
          expected: 'shapes that broadcast',
          got: shapes.map((given) => `[${given.join(', ')}]`).join(' and '),
        });
      if (size === 1) size = d;
    }
    return size;
  });
}

/** Strides that read `dims` as if it had the shape `target`: 0 along repeated axes. */
export function repeating(dims: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(dims);
  const shift = target.length - dims.length;
  return target.map((_, i) => (i < shift || dims[i - shift] === 1 ? 0 : own[i - shift]!));
}
