/**
 * Resampling to another size by nearest neighbour, with ONNX's coordinate and rounding modes. Not here: linear and cubic
 * interpolation, regions of interest, keeping the aspect ratio; they are refused by name.
 */
import { PithError } from '../base/errors.js';
import { axisOf } from '../base/shape.js';
import { type AxisRead, readAxes, readDims, spread } from './axis-read.js';
import { free, type NodeView, type Op } from './op.js';

interface Sampling {
  readonly scale: number;
  readonly from: number;
  readonly to: number;
}

/** The coordinate in the input of output position x. */
const coordinates: Readonly<Record<string, (x: number, s: Sampling) => number>> = {
  half_pixel: (x, s) => (x + 0.5) / s.scale - 0.5,
  half_pixel_symmetric: (x, s) => (s.from / 2) * (1 - s.to / (s.scale * s.from)) + (x + 0.5) / s.scale - 0.5,
  pytorch_half_pixel: (x, s) => (s.to > 1 ? (x + 0.5) / s.scale - 0.5 : 0),
  align_corners: (x, s) => (s.to > 1 ? (x * (s.from - 1)) / (s.to - 1) : 0),
  asymmetric: (x, s) => x / s.scale,
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function chosen<T>(n: NodeView, table: Readonly<Record<string, T>>, attribute: string, otherwise: string): T {
  const name = n.string(attribute, otherwise);
  const found = table[name];
  if (found !== undefined) return found;
  throw new PithError('unsupported.attribute', {
    at: { node: n.node.name, op: 'Resize' },
    expected: `${attribute} ${Object.keys(table).join(', ')}`,
    got: name,
  });
}

function readsOf(n: NodeView): AxisRead[] {
  const { dims } = n.input(0);
  chosen(n, { nearest: true }, 'mode', 'nearest');
  chosen(n, { stretch: true }, 'keep_aspect_ratio_policy', 'stretch');
  const coordinate = chosen(n, coordinates, 'coordinate_transformation_mode', 'half_pixel');
  const round = chosen(n, roundings, 'nearest_mode', 'round_prefer_floor');
  const axes = n.ints('axes')?.map((axis) => axisOf(axis, dims.length)) ?? [...dims.keys()];
  const scales = n.constantInts(2);
  const sizes = n.constantInts(3);
  const given = (sizes?.length ? sizes : scales) ?? n.fail('scales or sizes', 'neither');
  if (given.length !== axes.length || given.some((v) => !(v > 0))) n.fail(`${axes.length} positive scales or sizes`, `[${given}]`);
  return axes.map((axis, i) => {
    const from = dims[axis]!;
    const to = sizes?.length ? given[i]! : Math.floor(from * given[i]!);
    const s: Sampling = { scale: sizes?.length ? to / from : given[i]!, from, to };
    return { axis, length: to, from: (x) => Math.min(from - 1, Math.max(0, round(coordinate(x, s)))) };
  });
}

export const Resize: Op = {
  name: 'Resize',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: readDims(n.input(0).dims, readsOf(n)) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, spread(g.op, g.dy(0), g.x(0).dims, readsOf(g))) },
  cost: () => free,
  reference: (n, [x]) => [readAxes(x!, readsOf(n))],
};
