/** The data with updates written, or added, at the positions that indices name along an axis. */
import { axisOf } from '../base/shape.js';
import { zerosOf } from './axis-read.js';
import { free, type GradientView, type Op } from './op.js';
import { adds, checkElements, elementPositions, reductionOf } from './scatter.js';

/** What was overwritten gets no gradient. Positions written twice without a reduction have no defined value, nor gradient. */
function gradient(g: GradientView): void {
  const axis = g.int('axis', 0);
  const dy = g.dy(0);
  const add = adds(g);
  if (g.wants(0)) g.give(0, add ? dy : g.op.ScatterElements(dy, g.x(1), zerosOf(g.op, dy, g.x(1).dims), axis));
  if (g.wants(2)) g.give(2, g.op.GatherElements(dy, g.x(1), axis));
}

export const ScatterElements: Op = {
  name: 'ScatterElements',
  infer(n) {
    checkElements(n, axisOf(n.int('axis', 0), n.input(0).dims.length));
    reductionOf(n);
    const [index, updates] = [n.input(1).dims, n.input(2).dims];
    if (String(index) !== String(updates)) n.fail('updates of the shape of the indices', `[${updates}] for [${index}]`);
    return [{ dtype: n.input(0).dtype, dims: n.input(0).dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference(n, [x, index, updates]) {
    const f = reductionOf(n);
    const data = x!.data.slice();
    elementPositions(n, x!.dims, index!, axisOf(n.int('axis', 0), x!.dims.length)).forEach((p, i) => {
      data[p] = f(data[p]!, updates!.data[i]!);
    });
    return [{ ...x!, data }];
  },
};
