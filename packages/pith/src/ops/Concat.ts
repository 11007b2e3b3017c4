/** Tensors joined along an axis. */
import { axisOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';

function joined(n: NodeView): { axis: number; dims: number[] } {
  const parts = n.inputs.map((_, i) => n.input(i).dims);
  const first = parts[0] ?? n.fail('at least one input', 'none');
  const axis = axisOf(n.int('axis') ?? n.fail('an axis', 'none'), first.length);
  const fits = (dims: readonly number[]): boolean => dims.length === first.length && dims.every((d, i) => i === axis || d === first[i]);
  if (!parts.every(fits)) n.fail(`shapes that differ in axis ${axis} only`, parts.map((d) => `[${d}]`).join(' '));
  return { axis, dims: first.map((d, i) => (i === axis ? parts.reduce((sum, p) => sum + p[axis]!, 0) : d)) };
}

function reference(n: NodeView, parts: readonly Ref[]): Ref {
  const { axis, dims } = joined(n);
  const data = new Float64Array(sizeOf(dims));
  const rows = sizeOf(dims.slice(0, axis));
  let to = 0;
  for (let r = 0; r < rows; r++)
    for (const part of parts) {
      const run = sizeOf(part.dims.slice(axis));
      data.set(part.data.subarray(r * run, (r + 1) * run), to);
      to += run;
    }
  return { dtype: parts[0]!.dtype, dims, data };
}

/** Each input gets its range of dy: all by one Split, or one by a Slice. */
function gradient(g: GradientView): void {
  const { axis } = joined(g);
  const sizes = g.inputs.map((_, i) => g.x(i).dims[axis]!);
  const wanted = sizes.flatMap((_, i) => (g.wants(i) ? [i] : []));
  const parts = wanted.length > 1 ? g.op.Split(g.dy(0), sizes, axis) : undefined;
  for (const i of wanted) {
    const start = sizes.slice(0, i).reduce((a, b) => a + b, 0);
    g.give(i, parts?.[i] ?? (sizes.length === 1 ? g.dy(0) : g.op.Slice(g.dy(0), [start], [start + sizes[i]!], [axis])));
  }
}

export const Concat: Op = {
  name: 'Concat',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: joined(n).dims }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, parts) => [
    reference(
      n,
      parts.map((p) => p!),
    ),
  ],
};
