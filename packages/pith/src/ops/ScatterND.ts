/** The data with slices written, or added, where tuples of leading indices say. */
import { sizeOf } from '../base/tensor.js';
import { zerosOf } from './axis-read.js';
import { free, type GradientView, type Op } from './op.js';
import { adds, reductionOf, tuplePositions, tuples } from './scatter.js';

/** What was overwritten gets no gradient. Positions written twice without a reduction have no defined value, nor gradient. */
function gradient(g: GradientView): void {
  const dy = g.dy(0);
  const add = adds(g);
  if (g.wants(0)) g.give(0, add ? dy : g.op.ScatterND(dy, g.x(1), zerosOf(g.op, dy, g.x(2).dims)));
  if (g.wants(2)) g.give(2, g.op.GatherND(dy, g.x(1)));
}

export const ScatterND: Op = {
  name: 'ScatterND',
  infer(n) {
    const { dims } = tuples(n, 0);
    reductionOf(n);
    if (String(dims) !== String(n.input(2).dims)) n.fail(`updates of shape [${dims}]`, `[${n.input(2).dims}]`);
    return [{ dtype: n.input(0).dtype, dims: n.input(0).dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference(n, [x, index, updates]) {
    const f = reductionOf(n);
    const shape = tuples(n, 0);
    const run = sizeOf(shape.rest);
    const data = x!.data.slice();
    tuplePositions(n, x!.dims, index!, shape).forEach((p, t) => {
      for (let i = 0; i < run; i++) data[p + i] = f(data[p + i]!, updates!.data[t * run + i]!);
    });
    return [{ ...x!, data }];
  },
};
