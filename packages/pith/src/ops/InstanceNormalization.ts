/** y = (x − mean) / sqrt(variance + epsilon) · scale + bias for each image and channel on its own. Ulyanov et al., 2016. */
import { sizeOf } from '../base/tensor.js';
import type { Value } from '../graph/value.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';
import { standardizedGradient } from './standardize.js';

function epsilonOf(n: NodeView): number {
  const { dims } = n.input(0);
  if (dims.length < 3) n.fail('batch, channels and at least one spatial axis', `[${dims}]`);
  for (const i of [1, 2])
    if (n.input(i).dims.length !== 1 || n.input(i).dims[0] !== dims[1]) n.fail(`input ${i} to be [${dims[1]}]`, `[${n.input(i).dims}]`);
  return n.float('epsilon', 1e-5);
}

function reference(n: NodeView, x: Ref, scale: Ref, bias: Ref): Ref {
  const epsilon = epsilonOf(n);
  const [batch, channels] = x.dims as [number, number];
  const plane = sizeOf(x.dims.slice(2));
  const data = new Float64Array(x.data.length);
  for (let p = 0; p < batch * channels; p++) {
    const values = x.data.subarray(p * plane, (p + 1) * plane);
    const mean = values.reduce((sum, v) => sum + v, 0) / plane;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / plane + epsilon);
    values.forEach((v, i) => {
      data[p * plane + i] = ((v - mean) / deviation) * scale.data[p % channels]! + bias.data[p % channels]!;
    });
  }
  return { dtype: x.dtype, dims: x.dims, data };
}

function gradient(g: GradientView): void {
  const { op } = g;
  const epsilon = epsilonOf(g);
  const x = g.x(0);
  const dy = g.dy(0);
  const axes = x.dims.slice(2).map((_, i) => i + 2);
  const sum = (v: Value): Value => op.ReduceSum(v, [0, ...axes], false);
  if (g.wants(2)) g.give(2, sum(dy));
  if (!g.wants(0) && !g.wants(1)) return;
  const centred = op.Sub(x, op.ReduceMean(x, axes));
  const variance = op.ReduceMean(op.Mul(centred, centred), axes);
  const inverse = op.Reciprocal(op.Sqrt(op.Add(variance, op.scalar(epsilon, x.dtype))));
  const value = op.Mul(centred, inverse);
  const scale = op.Reshape(g.x(1), [x.dims[1]!, ...axes.map(() => 1)]);
  if (g.wants(0)) g.give(0, standardizedGradient(op, { value, inverse, axes }, op.Mul(dy, scale)));
  if (g.wants(1)) g.give(1, sum(op.Mul(dy, value)));
}

export const InstanceNormalization: Op = {
  name: 'InstanceNormalization',
  infer(n) {
    epsilonOf(n);
    return [{ dtype: n.input(0).dtype, dims: n.input(0).dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [x, scale, bias]) => [reference(n, x!, scale!, bias!)],
};
