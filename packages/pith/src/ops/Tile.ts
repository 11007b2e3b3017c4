/** The tensor repeated along each axis. */
import { type AxisRead, readAxes, readDims, spread } from './axis-read.js';
import { free, type NodeView, type Op } from './op.js';

function readsOf(n: NodeView): AxisRead[] {
  const { dims } = n.input(0);
  const repeats = n.constantInts(1) ?? n.fail('repeats', 'none');
  if (repeats.length !== dims.length || repeats.some((r) => r < 0)) n.fail(`${dims.length} repeats, none negative`, `[${repeats}]`);
  return dims.map((d, axis) => ({ axis, length: d * repeats[axis]!, from: (i) => i % d }));
}

export const Tile: Op = {
  name: 'Tile',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: readDims(n.input(0).dims, readsOf(n)) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, spread(g.op, g.dy(0), g.x(0).dims, readsOf(g))) },
  cost: () => free,
  reference: (n, [x]) => [readAxes(x!, readsOf(n))],
};
