/** Pad: with a constant around, or with what is there: mirrored, the edge again, or from the other end. Negative pads cut. */
import { densify } from '../format/stored.js';
import { copying } from './copy.js';
import type { NodeView } from './node-view.js';
import type { Operator, Work } from './operator.js';
import { bytesOfSpec, countOf, type Value } from './value.js';
import { stridesOf } from './walk.js';

interface Padded {
  readonly x: Value;
  readonly dims: readonly number[];
  /** Of each axis. */
  readonly before: readonly number[];
}

const withConstant = (node: NodeView): ((padded: Padded) => Work) => {
  const value = node.has(2) ? Number(densify(node.weight(2)).data[0] ?? 0) : 0;
  return ({ x, dims, before }) => {
    // the part of the input that lies inside, and where its corner goes
    const low = before.map((p) => Math.max(0, -p));
    const inner = x.dims.map((d, i) => Math.max(0, Math.min(d, dims[i]! - before[i]!) - low[i]!));
    const [own, strides] = [stridesOf(x.dims), stridesOf(dims)];
    const from = low.reduce((sum, l, i) => sum + l * own[i]!, 0);
    const to = low.reduce((sum, l, i) => sum + (l + before[i]!) * strides[i]!, 0);
    const copy = inner.includes(0) ? undefined : copying({ dims: inner, strides: [own, strides], from, to });
    const [count, bits] = [countOf(dims), x.dtype === 'float32' ? new Int32Array(Float32Array.of(value).buffer)[0]! : value];
    return {
      kind: 'kernel',
      outputs: [{ dtype: x.dtype, dims }],
      kernel: 'pad',
      tables: copy ? [copy.table] : [],
      run: (c) => {
        c.kernels.fill(c.y[0]!, count, bits);
        copy?.run(c.kernels, c.tables[0]!, c.x[0]!, c.y[0]!);
      },
    };
  };
};

/** Where position i of an axis of n looks, i from before the first to behind the last. */
const looks: Readonly<Record<string, (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  wrap: (i, n) => ((i % n) + n) % n,
  reflect: (i, n) => {
    const period = Math.max(1, 2 * (n - 1));
    const at = ((i % period) + period) % period;
    return Math.min(at, period - at);
  },
};

/** Axis after axis, from the last on; each stage leaves its result in one half of the scratch or the other. */
function withItself(node: NodeView, mode: string, { x, dims, before }: Padded): Work {
  const outputs = [{ dtype: x.dtype, dims }];
  const axes = [...dims.keys()].filter((axis) => dims[axis] !== x.dims[axis] || before[axis] !== 0).reverse();
  if (axes.length === 0) return { kind: 'alias', outputs, offsets: [0] };
  const now = [...x.dims];
  let half = 0;
  const stages = axes.map((axis, stage) => {
    const [size, count] = [x.dims[axis]!, dims[axis]!];
    if (count >= 2 ** 24) node.wrong('sizes below 2^24', String(count));
    if (size === 0 && count > 0) node.wrong('an axis that is not empty', `[${x.dims}]`);
    const [outer, run] = [countOf(now.slice(0, axis)), countOf(now.slice(axis + 1))];
    now[axis] = count;
    if (stage < axes.length - 1) half = Math.max(half, bytesOfSpec({ dtype: x.dtype, dims: now }));
    return { outer, run, size, index: Int32Array.from({ length: count }, (_, i) => looks[mode]!(i - before[axis]!, size)) };
  });
  return {
    kind: 'kernel',
    outputs,
    kernel: `pad-${mode}`,
    tables: stages.map(({ index }) => index),
    scratchBytes: 2 * half,
    run: ({ kernels, x: [from], y: [y], tables, scratch }) => {
      let at = from!;
      stages.forEach(({ outer, run, size, index }, i) => {
        const to = i === stages.length - 1 ? y! : scratch + (i % 2) * half;
        kernels.take(at, tables[i]!, to, outer, size, run, index.length);
        at = to;
      });
    },
  };
}

export const Pad: Operator = {
  name: 'Pad',
  takes: [1, 2, 3],
  prepare: (node) => {
    const mode = node.string('mode', 'constant');
    if (mode !== 'constant' && !Object.hasOwn(looks, mode)) node.wrong(`mode constant, ${Object.keys(looks).join(', ')}`, mode);
    const work = mode === 'constant' ? withConstant(node) : (padded: Padded) => withItself(node, mode, padded);
    return (inputs) => {
      const x = node.value(inputs, 0);
      const rank = x.dims.length;
      const pads = node.known(inputs, 1) ?? node.wrong('pads', 'none');
      const axes = node.known(inputs, 3)?.map((axis) => node.axis(axis, rank)) ?? x.dims.map((_, i) => i);
      if (pads.length !== 2 * axes.length) node.wrong(`${2 * axes.length} pads`, String(pads.length));
      const before = new Array<number>(rank).fill(0);
      const dims = [...x.dims];
      axes.forEach((axis, i) => {
        before[axis] = pads[i]!;
        dims[axis]! += pads[i]! + pads[axes.length + i]!;
      });
      if (dims.some((d) => d < 0)) node.wrong('pads that leave something', `[${pads}]`);
      return work({ x, dims, before });
    };
  },
};
