/** y = x where x > 0, else slope·x; the slope, a learned tensor, broadcasts to x. He et al., 2015. The derivative at 0 is the slope. */
import { broadcast, sameDims } from '../base/shape.js';
import { free, type GradientView, type Op } from './op.js';
import { zipRefs } from './pointwise.js';
import { step } from './step.js';

function gradient(g: GradientView): void {
  const { op } = g;
  const [x, slope, dy] = [g.x(0), g.x(1), g.dy(0)];
  const k = (v: number) => op.scalar(v, x.dtype);
  if (g.wants(0)) g.give(0, op.Mul(dy, op.Add(op.Mul(step(op, x), op.Sub(k(1), slope)), slope)));
  if (g.wants(1)) g.give(1, op.Mul(dy, op.Min(x, k(0))));
}

export const PRelu: Op = {
  name: 'PRelu',
  infer(n) {
    const { dtype, dims } = n.input(0);
    if (!sameDims(broadcast(dims, n.input(1).dims), dims)) n.fail(`a slope that broadcasts to [${dims}]`, `[${n.input(1).dims}]`);
    return [{ dtype, dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (_n, [x, slope]) => [zipRefs(x!.dtype, [x!, slope!], (v, s) => (v > 0 ? v : s * v))],
};
