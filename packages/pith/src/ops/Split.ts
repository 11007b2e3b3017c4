/** One tensor cut along an axis: by sizes, or into equal parts of which the last may be smaller (opset 18). */
import { axisOf } from '../base/shape.js';
import { readAxes, zerosOf } from './axis-read.js';
import { free, type NodeView, type Op } from './op.js';

interface Cut {
  readonly axis: number;
  readonly sizes: readonly number[];
  readonly starts: readonly number[];
}

function cut(n: NodeView): Cut {
  const { dims } = n.input(0);
  const axis = axisOf(n.int('axis', 0), dims.length);
  const size = dims[axis]!;
  const sizes = n.constantInts(1) ?? equal(n, size);
  if (sizes.some((s) => s < 0) || sizes.reduce((a, b) => a + b, 0) !== size) n.fail(`sizes that add up to ${size}`, `[${sizes}]`);
  if (n.node.outputs.length > sizes.length) n.fail(`at most ${sizes.length} outputs`, String(n.node.outputs.length));
  return { axis, sizes, starts: sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0)) };
}

function equal(n: NodeView, size: number): number[] {
  const parts = (n.opset >= 18 ? n.int('num_outputs') : undefined) ?? n.node.outputs.length;
  if (parts < 1) n.fail('at least one part', String(parts));
  const each = Math.ceil(size / parts);
  const last = size - each * (parts - 1);
  if (last < 0 || (n.opset < 18 && last !== each)) n.fail(`a size that divides into ${parts} parts`, String(size));
  return [...new Array<number>(parts - 1).fill(each), last];
}

export const Split: Op = {
  name: 'Split',
  infer(n) {
    const { axis, sizes } = cut(n);
    const { dtype, dims } = n.input(0);
    return sizes.map((size) => ({ dtype, dims: dims.map((d, i) => (i === axis ? size : d)) }));
  },
  gradient: {
    kind: 'rule',
    build(g) {
      const { axis, sizes } = cut(g);
      const { dims } = g.x(0);
      const part = (size: number, i: number) =>
        g.reached(i)
          ? g.dy(i)
          : zerosOf(
              g.op,
              g.x(0),
              dims.map((d, k) => (k === axis ? size : d)),
            );
      g.give(0, g.op.Concat(sizes.map(part), axis));
    },
  },
  cost: () => free,
  reference(n, [x]) {
    const { axis, sizes, starts } = cut(n);
    return sizes.map((size, i) => readAxes(x!, [{ axis, length: size, from: (k) => starts[i]! + k }]));
  },
};
