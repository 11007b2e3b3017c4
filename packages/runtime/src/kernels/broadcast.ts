/** Element by element over shapes that broadcast as ONNX has it: equal ones, a scalar, or any. */
import { PithError } from '../errors.js';
import { empty, type Floats, stridesOf } from './kernel.js';

/** The shape that both broadcast to. Throws `input.broadcast`. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[i - (rank - a.length)] ?? 1;
    const q = b[i - (rank - b.length)] ?? 1;
    if (p !== q && p !== 1 && q !== 1)
      throw new PithError('input.broadcast', { expected: 'shapes that broadcast', got: `[${a}] and [${b}]` });
    return p === 1 ? q : p;
  });
}

/** Strides that read `dims` as if it had the shape `target`: 0 along repeated axes. */
function repeating(dims: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(dims);
  const shift = target.length - dims.length;
  return target.map((_, i) => (i < shift || dims[i - shift] === 1 ? 0 : own[i - shift]!));
}

export function broadcast(a: Floats, b: Floats, f: (a: number, b: number) => number): Floats {
  const out = empty(broadcastDims(a.dims, b.dims));
  const [p, q, to] = [a.data, b.data, out.data];
  if (p.length === to.length && q.length === to.length) for (let i = 0; i < to.length; i++) to[i] = f(p[i]!, q[i]!);
  else if (q.length === 1) for (let i = 0, y = q[0]!; i < to.length; i++) to[i] = f(p[i]!, y);
  else {
    const aStrides = repeating(a.dims, out.dims);
    const bStrides = repeating(b.dims, out.dims);
    walk(out.dims, [aStrides, bStrides], (i, [m, n]) => {
      to[i] = f(p[m!]!, q[n!]!);
    });
  }
  return out;
}

/** Visits the elements of a shape in row-major order with the positions that each list of strides gives them. */
export function walk(
  dims: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (i: number, positions: readonly number[]) => void,
): void {
  const size = dims.reduce((product, d) => product * d, 1);
  const place = new Array<number>(dims.length).fill(0);
  const positions = new Array<number>(strides.length).fill(0);
  for (let i = 0; i < size; i++) {
    visit(i, positions);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place[axis]!++;
      for (let s = 0; s < strides.length; s++) positions[s]! += strides[s]![axis]!;
      if (place[axis]! < dims[axis]!) break;
      for (let s = 0; s < strides.length; s++) positions[s]! -= strides[s]![axis]! * dims[axis]!;
      place[axis] = 0;
    }
  }
}
