/** Running sums along an axis, forwards or backwards, with or without the element itself. */
import { axisOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import { free, type NodeView, type Op, type Ref } from './op.js';

const axisFor = (n: NodeView): number => axisOf(n.constantInts(1)?.[0] ?? n.fail('an axis', 'none'), n.input(0).dims.length);

function reference(n: NodeView, x: Ref): Ref {
  const axis = axisFor(n);
  const size = x.dims[axis]!;
  const inner = sizeOf(x.dims.slice(axis + 1));
  const [exclusive, reverse] = [n.int('exclusive', 0) === 1, n.int('reverse', 0) === 1];
  const data = new Float64Array(x.data.length);
  for (let o = 0; o < data.length; o += size * inner)
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const at = o + (reverse ? size - 1 - k : k) * inner + i;
        data[at] = exclusive ? sum : sum + x.data[at]!;
        sum += x.data[at]!;
      }
    }
  return { dtype: x.dtype, dims: x.dims, data };
}

/** The same sum of dy in the other direction. */
export const CumSum: Op = {
  name: 'CumSum',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: n.input(0).dims }],
  gradient: {
    kind: 'rule',
    build: (g) => g.give(0, g.op.CumSum(g.dy(0), axisFor(g), { exclusive: g.int('exclusive', 0), reverse: 1 - g.int('reverse', 0) })),
  },
  cost: () => free,
  reference: (n, [x]) => [reference(n, x!)],
};
