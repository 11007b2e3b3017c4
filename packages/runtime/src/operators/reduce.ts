/** Operators that reduce along axes: one line each, its number that of assembly/kernels/reduce.ts. ArgMax and ArgMin tell where. */
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator, Work } from './operator.js';
import { countOf, type Inputs, type Value } from './value.js';

/** Axes are an input from this opset on, an attribute before. */
type Since = 13 | 18;

/** Neighbouring axes that are reduced in one go: [outer, n, inner]. */
interface Stage {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** The reduced axes as runs of neighbours, from the last to the first, so that each stage finds the axes before it as they were. */
function stagesOf(dims: readonly number[], axes: ReadonlySet<number>): Stage[] {
  const stages: Stage[] = [];
  const left = [...dims];
  for (let end = dims.length; end > 0; end--) {
    if (!axes.has(end - 1)) continue;
    let start = end - 1;
    while (axes.has(start - 1)) start--;
    stages.push({ outer: countOf(left.slice(0, start)), n: countOf(left.slice(start, end)), inner: countOf(left.slice(end)) });
    left.fill(1, start, end);
    end = start + 1;
  }
  return stages;
}

interface Reducing {
  readonly x: Value;
  readonly dims: readonly number[];
  readonly stages: readonly Stage[];
}

function reducing(node: NodeView, inputs: Inputs, since: Since): Reducing {
  const x = node.value(inputs, 0);
  const choice = node.opset >= since ? node.known(inputs, 1) : node.ints('axes');
  const nothing = node.int('noop_with_empty_axes', 0) === 1 && !choice?.length;
  const all = nothing ? [] : [...x.dims.keys()];
  const axes = new Set(choice?.length ? choice.map((axis) => node.axis(axis, x.dims.length)) : all);
  const keep = node.int('keepdims', 1) === 1;
  const dims = x.dims.flatMap((d, i) => (axes.has(i) ? (keep ? [1] : []) : [d]));
  return { x, dims, stages: stagesOf(x.dims, axes) };
}

function realWork({ dims, stages, x }: Reducing, kernel: string, f: number, finish?: number): KernelWork {
  const count = countOf(dims);
  const first = stages[0]!;
  // stages but the last leave their result in scratch, by turns in one half and the other
  const half = stages.length > 1 ? 4 * first.outer * first.inner : 0;
  return {
    kind: 'kernel',
    outputs: [{ dtype: 'float32', dims }],
    kernel,
    scratchBytes: 2 * half + (x.dims.includes(0) ? 64 : 0),
    run: ({ kernels, x: [from], y: [y], scratch }) => {
      let at = from!;
      stages.forEach(({ outer, n, inner }, i) => {
        const to = i === stages.length - 1 ? y! : scratch + (i % 2) * half;
        // squares are summed once
        kernels.reduce(f === 4 && i > 0 ? 0 : f, at, to, outer, n, inner);
        at = to;
      });
      if (finish !== undefined) kernels.unary(finish, y!, y!, count, 0, 0);
    },
  };
}

const reduction = (name: string, f: number, since: Since, more: { finish?: number; ints?: number } = {}): Operator => ({
  name,
  takes: [1],
  prepare: (node) => {
    const kernel = name.replace('Reduce', 'reduce-').toLowerCase();
    return (inputs): Work => {
      const given = reducing(node, inputs, since);
      const { x, dims, stages } = given;
      const outputs = [{ dtype: x.dtype, dims }];
      const [only] = stages;
      if (x.dtype === 'float32') {
        if (only) return realWork(given, kernel, f, more.finish);
        if (f === 4) return node.unsupported('axes to reduce', 'none');
        return { kind: 'alias', outputs, offsets: [0] };
      }
      const { ints } = more;
      if (ints === undefined || stages.length > 1) node.unsupported('an input of float32', x.dtype);
      if (!only) return { kind: 'alias', outputs, offsets: [0] };
      return {
        kind: 'kernel',
        outputs,
        kernel: `${kernel}-int32`,
        run: (c) => c.kernels.reduceInts(ints!, c.x[0]!, c.y[0]!, only.outer, only.n, only.inner),
      };
    };
  },
});

export const ReduceSum = reduction('ReduceSum', 0, 13, { ints: 0 });
export const ReduceMean = reduction('ReduceMean', 1, 18);
export const ReduceMax = reduction('ReduceMax', 2, 18);
export const ReduceMin = reduction('ReduceMin', 3, 18);
export const ReduceSumSquare = reduction('ReduceSumSquare', 4, 18);
export const ReduceL2 = reduction('ReduceL2', 4, 18, { finish: 3 });
/** Of whole numbers only: it occurs in the arithmetic of shapes. */
export const ReduceProd: Operator = {
  ...reduction('ReduceProd', 0, 18, { ints: 1 }),
  prepare: (node) => {
    const plan = reduction('ReduceProd', 0, 18, { ints: 1 }).prepare(node);
    return (inputs) => {
      if (node.value(inputs, 0).dtype === 'float32') node.unsupported('whole numbers', 'float32');
      return plan(inputs);
    };
  },
};

const arg = (name: string, sign: number): Operator => ({
  name,
  prepare: (node) => {
    const [choice, keep, last] = [node.int('axis', 0), node.int('keepdims', 1) === 1, node.int('select_last_index', 0)];
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const axis = node.axis(choice, dims.length);
      const [outer, n, inner] = [countOf(dims.slice(0, axis)), dims[axis]!, countOf(dims.slice(axis + 1))];
      if (n === 0) node.wrong('an axis that is not empty', `[${dims}]`);
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'int64', dims: dims.flatMap((d, i) => (i === axis ? (keep ? [1] : []) : [d])) }],
        kernel: name.toLowerCase(),
        run: ({ kernels, x, y }) => kernels.argMax(x[0]!, y[0]!, outer, n, inner, sign, last),
      };
    };
  },
});

export const ArgMax = arg('ArgMax', 1);
export const ArgMin = arg('ArgMin', -1);
