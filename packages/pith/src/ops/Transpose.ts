/** Axes in another order; reversed where none is given. */
import { free, type NodeView, type Op } from './op.js';
import { moved } from './walk.js';

function order(n: NodeView): readonly number[] {
  const rank = n.input(0).dims.length;
  const perm = n.ints('perm') ?? [...Array(rank).keys()].reverse();
  const valid = perm.length === rank && [...perm].sort((a, b) => a - b).every((axis, i) => axis === i);
  return valid ? perm : n.fail(`an order of ${rank} axes`, `[${perm}]`);
}

const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

export const Transpose: Op = {
  name: 'Transpose',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: order(n).map((axis) => n.input(0).dims[axis]!) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.op.Transpose(g.dy(0), inverse(order(g)))) },
  cost: () => free,
  reference(n, [x]) {
    const perm = order(n);
    const back = inverse(perm);
    return [
      moved(
        x!,
        perm.map((axis) => x!.dims[axis]!),
        (at) => back.map((i) => at[i]!),
      ),
    ];
  },
};
