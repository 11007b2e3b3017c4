/**
 * Slices of the data along an axis, named by indices of any shape. From a vector (a codebook) the gradient is the sum of dy over each
 * entry's readers: ScatterElements with reduction add takes 2.5 ns for an index in ONNX Runtime, less than half of what sorted
 * segments, running sums or a one-hot product take (35,000 and 400,000 indices, 32 and 256 entries). From a tensor of higher rank
 * it is ScatterND, whose slices are 16 times faster than as many single elements.
 */
import { axisOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import { spread, zerosOf } from './axis-read.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';
import { inside } from './scatter.js';

const axisFor = (n: NodeView): number => axisOf(n.int('axis', 0), n.input(0).dims.length);

const around = (dims: readonly number[], axis: number, middle: readonly number[]): number[] => [
  ...dims.slice(0, axis),
  ...middle,
  ...dims.slice(axis + 1),
];

function reference(n: NodeView, x: Ref, index: Ref): Ref {
  const axis = axisFor(n);
  const size = x.dims[axis]!;
  const run = sizeOf(x.dims.slice(axis + 1));
  const dims = around(x.dims, axis, index.dims);
  const data = new Float64Array(sizeOf(dims));
  const outer = sizeOf(x.dims.slice(0, axis));
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const i of index.data) {
      const from = (o * size + inside(n, i, size)) * run;
      data.set(x.data.subarray(from, from + run), to);
      to += run;
    }
  return { dtype: x.dtype, dims, data };
}

function gradient(g: GradientView): void {
  const { op } = g;
  const [x, index, axis] = [g.x(0), g.x(1), axisFor(g)];
  const count = sizeOf(index.dims);
  const dy = op.Reshape(g.dy(0), around(x.dims, axis, [count]));
  const size = x.dims[axis]!;
  const fixed = index.constant && Array.from(index.constant.data as ArrayLike<number | bigint>, (i) => inside(g, Number(i), size));
  if (fixed?.every((p, i) => p === fixed[0]! + i)) {
    g.give(0, spread(op, dy, x.dims, [{ axis, length: count, from: (i) => fixed[i]! }]));
    return;
  }
  if (x.dims.length === 1) {
    g.give(0, op.ScatterElements(zerosOf(op, dy, x.dims), op.Reshape(index, [count]), dy, 0, 'add'));
    return;
  }
  const first = [axis, ...x.dims.keys()].filter((a, i) => i === 0 || a !== axis);
  const front = axis === 0 ? dy : op.Transpose(dy, first);
  const zero = zerosOf(
    op,
    dy,
    first.map((a) => x.dims[a]!),
  );
  const sum = op.ScatterND(zero, op.Reshape(index, [count, 1]), front, 'add');
  g.give(
    0,
    axis === 0
      ? sum
      : op.Transpose(
          sum,
          first.map((_, a) => first.indexOf(a)),
        ),
  );
}

export const Gather: Op = {
  name: 'Gather',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: around(n.input(0).dims, axisFor(n), n.input(1).dims) }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [x, index]) => [reference(n, x!, index!)],
};
