/** Padding by a constant, the edge, a reflection or wrapping around; negative pads crop. */
import { axisOf } from '../base/shape.js';
import type { Value } from '../graph/value.js';
import { type AxisRead, readAxes, readDims, spread } from './axis-read.js';
import { free, type GradientView, type NodeView, type Op } from './op.js';

/** Pads of all axes: starts, then ends. */
function padsOf(n: NodeView): number[] {
  const rank = n.input(0).dims.length;
  const given = n.constantInts(1) ?? n.fail('pads', 'none');
  const axes = (n.opset >= 18 ? n.constantInts(3) : undefined)?.map((axis) => axisOf(axis, rank)) ?? [...Array(rank).keys()];
  if (given.length !== 2 * axes.length) n.fail(`${2 * axes.length} pads`, String(given.length));
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    pads[axis] = given[i]!;
    pads[axis + rank] = given[i + axes.length]!;
  });
  return pads;
}

/** Where a position outside 0 … size − 1 reads from. */
const outside: Readonly<Record<string, (p: number, size: number) => number>> = {
  constant: () => -1,
  edge: (p, size) => (p < 0 ? 0 : size - 1),
  reflect: (p, size) => (p < 0 ? -p : 2 * (size - 1) - p),
  wrap: (p, size) => ((p % size) + size) % size,
};

function readsOf(n: NodeView): AxisRead[] {
  const { dims } = n.input(0);
  const mode = n.string('mode', 'constant');
  const source = outside[mode] ?? n.fail(Object.keys(outside).join(', '), mode);
  const pads = padsOf(n);
  return dims.map((size, axis) => {
    const [before, after] = [pads[axis]!, pads[axis + dims.length]!];
    const length = before + size + after;
    const text = `${before} and ${after} for ${size}`;
    if (length < 0 || (size === 0 && mode !== 'constant' && length > 0)) n.fail('pads that leave something to read', text);
    if (mode === 'reflect' && Math.max(before, after) >= Math.max(size, 1)) n.fail('a reflection smaller than the axis', text);
    return { axis, length, from: (i) => (i < before || i >= before + size ? source(i - before, size) : i - before) };
  });
}

/** dy without the padding, and with zeros for what was cropped. Slicing takes half the time of a Pad by negative numbers. */
function unpad(g: GradientView, pads: readonly number[]): Value {
  const dy = g.dy(0);
  const rank = dy.dims.length;
  if (pads.some((p) => p < 0))
    return g.op.Pad(
      dy,
      pads.map((p) => -p),
    );
  const axes = [...dy.dims.keys()].filter((axis) => pads[axis] || pads[axis + rank]);
  if (axes.length === 0) return dy;
  const ends = axes.map((axis) => dy.dims[axis]! - pads[axis + rank]!);
  return g.op.Slice(
    dy,
    axes.map((axis) => pads[axis]!),
    ends,
    axes,
  );
}

function gradient(g: GradientView): void {
  const { op } = g;
  if (g.string('mode', 'constant') !== 'constant') {
    g.give(0, spread(op, g.dy(0), g.x(0).dims, readsOf(g)));
    return;
  }
  const inner = unpad(g, padsOf(g));
  g.give(0, inner);
  if (g.wants(2)) g.give(2, op.Sub(op.ReduceSum(g.dy(0), undefined, false), op.ReduceSum(inner, undefined, false)));
}

export const Pad: Op = {
  name: 'Pad',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: readDims(n.input(0).dims, readsOf(n)) }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [x, , value]) => [readAxes(x!, readsOf(n), value?.data[0] ?? 0)],
};
