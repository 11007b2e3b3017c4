/** What the operators that read and write at given positions share: index arithmetic, reductions, and which gradients they have. */
import { PithError } from '../base/errors.js';
import { stridesOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { GradientView, NodeView, Ref } from './op.js';
import { eachPosition, flat } from './walk.js';

/** An index counted from the end where negative. Throws `input.node` where it is outside. */
export function inside(n: NodeView, index: number, size: number): number {
  if (!(index >= -size && index < size)) n.fail(`indices in ${-size} … ${size - 1}`, String(index));
  return index < 0 ? index + size : index;
}

const reductions: Readonly<Record<string, { readonly since: number; readonly f: (old: number, update: number) => number }>> = {
  none: { since: 11, f: (_, b) => b },
  add: { since: 16, f: (a, b) => a + b },
  mul: { since: 16, f: (a, b) => a * b },
  max: { since: 18, f: (a, b) => Math.max(a, b) },
  min: { since: 18, f: (a, b) => Math.min(a, b) },
};

export function reductionOf(n: NodeView): (old: number, update: number) => number {
  const name = n.string('reduction', 'none');
  const found = reductions[name];
  return found && n.opset >= found.since ? found.f : n.fail(`a reduction that opset ${n.opset} has`, name);
}

/** Throws `unsupported.gradient` unless the reduction is none or add; says whether it is add. */
export function adds(g: GradientView): boolean {
  const name = g.string('reduction', 'none');
  if (name === 'none' || name === 'add') return name === 'add';
  throw new PithError('unsupported.gradient', {
    at: { node: g.node.name, op: g.node.op },
    expected: 'reduction none or add',
    got: name,
  });
}

/** Shapes of GatherElements and ScatterElements: indices reach no further than the data, except along the axis. */
export function checkElements(n: NodeView, axis: number): void {
  const { dims } = n.input(0);
  const index = n.input(1).dims;
  if (index.length !== dims.length || index.some((d, i) => i !== axis && d > dims[i]!))
    n.fail(`indices of rank ${dims.length} within the data`, `[${index}] for [${dims}]`);
}

/** Flat index into data of each element of `index` along `axis`. */
export function elementPositions(n: NodeView, dims: readonly number[], index: Ref, axis: number): Float64Array {
  const strides = stridesOf(dims);
  const out = new Float64Array(index.data.length);
  eachPosition(index.dims, (at, i) => {
    out[i] = flat(at, strides) + (inside(n, index.data[i]!, dims[axis]!) - at[axis]!) * strides[axis]!;
  });
  return out;
}

export interface Tuples {
  readonly batch: number;
  /** Length of an index tuple. */
  readonly depth: number;
  /** Shape of what one tuple names. */
  readonly rest: readonly number[];
  /** Shape of the gathered tensor, which is that of ScatterND's updates. */
  readonly dims: readonly number[];
}

/** The shapes of GatherND and ScatterND. */
export function tuples(n: NodeView, batch: number): Tuples {
  const { dims } = n.input(0);
  const index = n.input(1).dims;
  const depth = index.at(-1) ?? n.fail('indices of rank 1 or more', 'a scalar');
  const shared = batch >= 0 && batch < index.length && index.slice(0, batch).every((d, i) => d === dims[i]);
  if (!shared || depth < 1 || batch + depth > dims.length)
    n.fail('index tuples no longer than the rank of the data', `[${index}] for [${dims}] with ${batch} batch dims`);
  const rest = dims.slice(batch + depth);
  return { batch, depth, rest, dims: [...index.slice(0, -1), ...rest] };
}

/** Flat index into data of the first element that each tuple names. */
export function tuplePositions(n: NodeView, dims: readonly number[], index: Ref, { batch, depth }: Tuples): Float64Array {
  const strides = stridesOf(dims);
  const count = depth === 0 ? 0 : index.data.length / depth;
  const perBatch = count / sizeOf(dims.slice(0, batch));
  const batchStep = sizeOf(dims.slice(batch));
  return Float64Array.from({ length: count }, (_, t) => {
    let at = Math.floor(t / perBatch) * batchStep;
    for (let k = 0; k < depth; k++) at += inside(n, index.data[t * depth + k]!, dims[batch + k]!) * strides[batch + k]!;
    return at;
  });
}
