/** Ranges along axes, with steps of either sign; bounds are clamped as NumPy does. */
import { axisOf } from '../base/shape.js';
import { type AxisRead, readAxes, readDims, spread } from './axis-read.js';
import { free, type NodeView, type Op } from './op.js';

function readsOf(n: NodeView): AxisRead[] {
  const { dims } = n.input(0);
  const starts = n.constantInts(1) ?? n.fail('starts', 'none');
  const ends = n.constantInts(2) ?? n.fail('ends', 'none');
  const axes = n.constantInts(3) ?? [...starts.keys()];
  const steps = n.constantInts(4) ?? axes.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    n.fail('starts, ends, axes and steps of one length', `${starts.length}, ${ends.length}, ${axes.length} and ${steps.length}`);
  return axes.map((given, i) => {
    const axis = axisOf(given, dims.length);
    const size = dims[axis]!;
    const step = steps[i]! || n.fail('a step other than 0', '0');
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bound = (x: number): number => Math.min(high, Math.max(low, x < 0 ? x + size : x));
    const [start, end] = [bound(starts[i]!), bound(ends[i]!)];
    return { axis, length: Math.max(0, Math.ceil((end - start) / step)), from: (k) => start + k * step };
  });
}

export const Slice: Op = {
  name: 'Slice',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: readDims(n.input(0).dims, readsOf(n)) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, spread(g.op, g.dy(0), g.x(0).dims, readsOf(g))) },
  cost: () => free,
  reference: (n, [x]) => [readAxes(x!, readsOf(n))],
};
