/**
 * y = (x − mean) / sqrt(variance + epsilon) · scale + bias over the axes from `axis` on. The second and third output are the mean and
 * 1/sqrt(variance + epsilon). Ba, Kiros and Hinton, Layer Normalization, 2016. Opset 17.
 */
import { PithError } from '../base/errors.js';
import { axisOf, broadcast, broadcastStrides, sameDims } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';
import { standardizedGradient } from './standardize.js';

interface Form {
  readonly axis: number;
  readonly epsilon: number;
  /** Dims of the statistics. */
  readonly reduced: readonly number[];
}

function formOf(n: NodeView): Form {
  const { dims } = n.input(0);
  const axis = axisOf(n.int('axis', -1), dims.length);
  for (const i of [1, 2]) {
    const given = n.inputs[i]?.dims ?? [];
    if (!sameDims(broadcast(given, dims), dims)) n.fail(`input ${i} to broadcast to [${dims}]`, `[${given}]`);
  }
  if (n.int('stash_type', 1) !== 1) n.fail('stash_type 1 (statistics in float32)', `${n.int('stash_type', 1)}`);
  return { axis, epsilon: n.float('epsilon', 1e-5), reduced: dims.map((d, i) => (i < axis ? d : 1)) };
}

function reference(n: NodeView, [x, scale, bias]: readonly (Ref | undefined)[]): Ref[] {
  const { axis, epsilon, reduced } = formOf(n);
  const { dims, dtype, data } = x!;
  const width = sizeOf(dims.slice(axis));
  const rows = sizeOf(reduced);
  const y = new Float64Array(data.length);
  const means = new Float64Array(rows);
  const inverses = new Float64Array(rows);
  const [s, b] = [spread(scale, dims), spread(bias, dims)];
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    const mean = row.reduce((sum, v) => sum + v, 0) / width;
    const inverse = 1 / Math.sqrt(row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width + epsilon);
    row.forEach((v, i) => {
      const at = r * width + i;
      y[at] = (v - mean) * inverse * s(at, 1) + b(at, 0);
    });
    means[r] = mean;
    inverses[r] = inverse;
  }
  const statistic = (values: Float64Array): Ref => ({ dtype: 'float32', dims: reduced, data: values });
  return [{ dtype, dims, data: y }, statistic(means), statistic(inverses)];
}

/** Reads a tensor that broadcasts to `dims` at a flat index of `dims`, or gives `otherwise` where there is none. */
function spread(ref: Ref | undefined, dims: readonly number[]): (flat: number, otherwise: number) => number {
  if (!ref) return (_, otherwise) => otherwise;
  const strides = broadcastStrides(ref.dims, dims);
  return (flat) => {
    let at = 0;
    for (let i = dims.length - 1, rest = flat; i >= 0; i--) {
      at += (rest % dims[i]!) * strides[i]!;
      rest = Math.floor(rest / dims[i]!);
    }
    return ref.data[at]!;
  };
}

function gradient(g: GradientView): void {
  const { op } = g;
  const { axis } = formOf(g);
  if (g.reached(1) || g.reached(2))
    throw new PithError('unsupported.gradient', {
      at: { node: g.node.name, op: g.node.op },
      expected: 'statistics that the loss does not depend on',
      got: 'a loss that reads them',
    });
  const x = g.x(0);
  const dy = g.dy(0);
  const axes = x.dims.flatMap((_, i) => (i < axis ? [] : [i]));
  if (g.wants(2)) g.give(2, dy);
  if (!g.wants(0) && !g.wants(1)) return;
  const inverse = op.Cast(g.y(2), x.dtype);
  const value = op.Mul(op.Sub(x, op.Cast(g.y(1), x.dtype)), inverse);
  if (g.wants(0)) g.give(0, standardizedGradient(op, { value, inverse, axes }, op.Mul(dy, g.x(1))));
  if (g.wants(1)) g.give(1, op.Mul(dy, value));
}

export const LayerNormalization: Op = {
  name: 'LayerNormalization',
  infer(n) {
    const { reduced } = formOf(n);
    const { dtype, dims } = n.input(0);
    return [
      { dtype, dims },
      { dtype: 'float32', dims: reduced },
      { dtype: 'float32', dims: reduced },
    ];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference,
};
