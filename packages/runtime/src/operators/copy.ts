/** Elements copied between any strides: what Transpose, Slice, Split, Concat, Pad and Expand have in common. */
import type { Call } from './operator.js';
import { type Axes, collapsed, tableOf } from './walk.js';

/** `axes`: the strides of x, then of y. `from`, `to`: elements into x and y. */
export interface Copying extends Axes {
  readonly from?: number;
  readonly to?: number;
}

/** A copy and the table it reads. Where the last axes of x and y differ, squares are turned. */
export interface Copy {
  readonly kernel: 'copy' | 'transpose';
  readonly table: Int32Array;
  readonly run: (kernels: Call['kernels'], table: number, x: number, y: number) => void;
}

export function copying({ from = 0, to = 0, ...given }: Copying): Copy {
  const { dims, strides } = collapsed(given);
  const [xs, ys] = [strides[0]!, strides[1]!];
  const last = dims.length - 1;
  const along = xs.findIndex((stride, axis) => stride === 1 && axis < last);
  const [x0, y0] = [4 * from, 4 * to];
  if (along >= 0 && ys[last] === 1 && xs[last] !== 1) {
    const rest = [...dims.keys()].filter((axis) => axis !== along && axis !== last);
    const table = tableOf({
      dims: [...rest.map((axis) => dims[axis]!), 1],
      strides: [xs, ys].map((list) => [...rest.map((axis) => list[axis]!), 0]),
    });
    const [rows, columns, xStep, yStep] = [dims[along]!, dims[last]!, xs[last]!, ys[along]!];
    return {
      kernel: 'transpose',
      table,
      run: (kernels, walk, x, y) => kernels.copyTurned(walk, x + x0, y + y0, rows, columns, xStep, yStep),
    };
  }
  return { kernel: 'copy', table: tableOf({ dims, strides }), run: (kernels, walk, x, y) => kernels.copy(walk, x + x0, y + y0) };
}
