/** Resize of the last one or two axes: to the nearest, linear or cubic between neighbours (Keys, "Cubic convolution interpolation", 1981). */
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
  half_pixel_symmetric: (x, s) => {
    const adjusted = s.to / (s.scale * s.from);
    return Math.fround((s.from / 2) * (1 - adjusted) + (x + 0.5) / s.scale) - 0.5;
  },
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

/** Where the neighbours of an output position are, and their weights. */
interface Weighted {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

function linearAt(at: number, size: number): Weighted {
  const inside = held(at, size);
  const first = Math.min(Math.floor(inside), size - 1);
  const share = inside - first;
  return { places: [first, Math.min(first + 1, size - 1)], weights: [1 - share, share] };
}

/** `inner`: neighbours beyond the edge count nothing, and the others more for it; they are the edge itself otherwise. */
function cubicAt(at: number, size: number, a: number, inner: boolean): Weighted {
  const first = Math.floor(at);
  const t = at - first;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const places = [first - 1, first, first + 1, first + 2];
  const weights = [far(t + 1), near(t), near(1 - t), far(2 - t)].map((w, i) => (inner && held(places[i]!, size) !== places[i] ? 0 : w));
  const sum = inner ? weights.reduce((total, w) => total + w, 0) : 1;
  return { places: places.map((p) => held(p, size)), weights: weights.map((w) => w / sum) };
}

/** As assembly/kernels/resize.ts reads them. */
function tableOf(positions: readonly Weighted[]): Int32Array {
  return Int32Array.from(positions.flatMap(({ places, weights }) => [...places, ...new Int32Array(Float32Array.from(weights).buffer)]));
}

type Mode = 'nearest' | 'linear' | 'cubic';

export const Resize: Operator = {
  name: 'Resize',
  takes: [1, 2, 3],
  prepare: (node) => {
    const mode = chosen<Mode>(node, { nearest: 'nearest', linear: 'linear', cubic: 'cubic' }, 'mode', 'nearest');
    chosen(node, { stretch: true }, 'keep_aspect_ratio_policy', 'stretch');
    const inner = node.int('exclude_outside', 0) === 1;
    if (node.int('antialias', 0) || (inner && mode !== 'cubic'))
      node.unsupported('no antialias, and exclude_outside in mode cubic only', 'one of them');
    const coordinate = chosen(node, coordinates, 'coordinate_transformation_mode', 'half_pixel');
    const round = chosen(node, roundings, 'nearest_mode', 'round_prefer_floor');
    const a = node.float('cubic_coeff_a', -0.75);
    const table = (s: Sampling): Int32Array => {
      const at = Array.from({ length: s.to }, (_, i) => coordinate(i, s));
      if (mode === 'nearest') return Int32Array.from(at, (x) => held(round(x), s.from));
      return tableOf(at.map((x) => (mode === 'linear' ? linearAt(x, s.from) : cubicAt(x, s.from, a, inner))));
    };
    return (inputs): KernelWork => {
      const { dims } = node.real(inputs, 0);
      const all = samplings(node, inputs, dims);
      if (all.slice(0, -2).some(({ from, to }) => from !== to))
        node.unsupported('the last two axes to be resized', `[${dims}] to [${all.map((s) => s.to)}]`);
      const whole: Sampling = { scale: 1, from: 1, to: 1 };
      const [rows, columns] = [all.at(-2) ?? whole, all.at(-1) ?? whole];
      const planes = countOf(dims.slice(0, -2));
      const sizes = [planes, rows.from, columns.from, rows.to, columns.to] as const;
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims: all.map(({ to }) => to) }],
        kernel: `resize-${mode}`,
        tables: [table(rows), table(columns)],
        scratchBytes: mode === 'nearest' ? 0 : 4 * columns.from + 16,
        run: ({ kernels, x: [x], y: [y], tables: [r, c], scratch }) => {
          if (mode === 'nearest') kernels.resizeNearest(x!, y!, ...sizes, r!, c!);
          else kernels.resizeWeighted(x!, y!, ...sizes, r!, c!, mode === 'linear' ? 2 : 4, scratch);
        },
      };
    };
  },
};
