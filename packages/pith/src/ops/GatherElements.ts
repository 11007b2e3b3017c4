/** Each index names the element of the data along an axis, at the index's own position in all other axes. */
import { axisOf } from '../base/shape.js';
import { zerosOf } from './axis-read.js';
import { free, type Op } from './op.js';
import { checkElements, elementPositions } from './scatter.js';

export const GatherElements: Op = {
  name: 'GatherElements',
  infer(n) {
    checkElements(n, axisOf(n.int('axis', 0), n.input(0).dims.length));
    return [{ dtype: n.input(0).dtype, dims: n.input(1).dims }];
  },
  gradient: {
    kind: 'rule',
    build: (g) => g.give(0, g.op.ScatterElements(zerosOf(g.op, g.dy(0), g.x(0).dims), g.x(1), g.dy(0), g.int('axis', 0), 'add')),
  },
  cost: () => free,
  reference(n, [x, index]) {
    const from = elementPositions(n, x!.dims, index!, axisOf(n.int('axis', 0), x!.dims.length));
    return [{ dtype: x!.dtype, dims: index!.dims, data: from.map((p) => x!.data[p]!) }];
  },
};
