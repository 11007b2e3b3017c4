/** Resize of the last one or two axes, to the nearest or linear between neighbours. */
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator } from './operator.js';
import { countOf, type Inputs } from './value.js';

interface Sampling {
  readonly scale: number;
  readonly from: number;
  readonly to: number;
}

/** The coordinate in the input of output position x. Quotients in float32, as others have them: where one is a whole number decides. */
const coordinates: Readonly<Record<string, (x: number, s: Sampling) => number>> = {
  half_pixel: (x, s) => Math.fround((x + 0.5) / s.scale) - 0.5,
  pytorch_half_pixel: (x, s) => (s.to > 1 ? Math.fround((x + 0.5) / s.scale) - 0.5 : 0),
  align_corners: (x, s) => (s.to > 1 ? Math.fround((x * (s.from - 1)) / (s.to - 1)) : 0),
  asymmetric: (x, s) => Math.fround(x / s.scale),
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function chosen<T>(node: NodeView, table: Readonly<Record<string, T>>, attribute: string, otherwise: string): T {
  const name = node.string(attribute, otherwise);
  return Object.hasOwn(table, name) ? table[name]! : node.unsupported(`${attribute} ${Object.keys(table).join(', ')}`, name);
}

/** How each axis is sampled: sizes go before scales. */
function samplings(node: NodeView, inputs: Inputs, dims: readonly number[]): Sampling[] {
  const numbers = (i: number): readonly number[] | undefined =>
    inputs[i] && countOf(inputs[i].dims) > 0 ? node.known(inputs, i) : undefined;
  const [scales, sizes] = [numbers(2), numbers(3)];
  const given = sizes ?? scales ?? node.wrong('scales or sizes', 'neither');
  const axes = node.ints('axes')?.map((axis) => node.axis(axis, dims.length)) ?? [...dims.keys()];
  if (given.length !== axes.length || given.some((v) => !(v > 0))) node.wrong(`${axes.length} positive scales or sizes`, `[${given}]`);
  return dims.map((from, axis) => {
    const value = given[axes.indexOf(axis)];
    if (value === undefined) return { scale: 1, from, to: from };
    const to = sizes ? value : Math.floor(from * value);
    if (to >= 2 ** 24) node.wrong('sizes below 2^24', String(to));
    return { scale: sizes ? to / from : value, from, to };
  });
}

const held = (x: number, size: number): number => Math.min(size - 1, Math.max(0, x));

export const Resize: Operator = {
  name: 'Resize',
  takes: [1, 2, 3],
  prepare: (node) => {
    const linear = chosen(node, { nearest: false, linear: true }, 'mode', 'nearest');
    chosen(node, { stretch: true }, 'keep_aspect_ratio_policy', 'stretch');
    if (node.int('antialias', 0) || node.int('exclude_outside', 0)) node.unsupported('no antialias and no exclude_outside', 'one of them');
    const coordinate = chosen(node, coordinates, 'coordinate_transformation_mode', 'half_pixel');
    const round = chosen(node, roundings, 'nearest_mode', 'round_prefer_floor');
    const nearest = (s: Sampling): Int32Array => Int32Array.from({ length: s.to }, (_, i) => held(round(coordinate(i, s)), s.from));
    const between = (s: Sampling): Int32Array => {
      const shares = new Float32Array(1);
      const bits = new Int32Array(shares.buffer);
      const rows = Array.from({ length: s.to }, (_, i) => {
        const at = held(coordinate(i, s), s.from);
        const first = Math.min(Math.floor(at), s.from - 1);
        shares[0] = at - first;
        return [first, Math.min(first + 1, s.from - 1), bits[0]!];
      });
      return Int32Array.from(rows.flat());
    };
    return (inputs): KernelWork => {
      const { dims } = node.real(inputs, 0);
      const all = samplings(node, inputs, dims);
      if (all.slice(0, -2).some(({ from, to }) => from !== to))
        node.unsupported('the last two axes to be resized', `[${dims}] to [${all.map((s) => s.to)}]`);
      const whole: Sampling = { scale: 1, from: 1, to: 1 };
      const [rows, columns] = [all.at(-2) ?? whole, all.at(-1) ?? whole];
      const planes = countOf(dims.slice(0, -2));
      const table = linear ? between : nearest;
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims: all.map(({ to }) => to) }],
        kernel: linear ? 'resize-linear' : 'resize-nearest',
        tables: [table(rows), table(columns)],
        run: ({ kernels, x, y, tables }) =>
          kernels[linear ? 'resizeLinear' : 'resizeNearest'](
            x[0]!,
            y[0]!,
            planes,
            rows.from,
            columns.from,
            rows.to,
            columns.to,
            tables[0]!,
            tables[1]!,
          ),
      };
    };
  },
};
