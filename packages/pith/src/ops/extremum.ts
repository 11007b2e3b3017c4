/** Rule maker for Max and Min: any number of inputs, broadcast. The whole gradient goes to the first input that attains the extremum. */
import { broadcast } from '../base/shape.js';
import { free, type GradientView, type NodeView, type Op } from './op.js';
import { zipRefs } from './pointwise.js';

/** Each input takes from what the earlier ones left; the last takes the rest. */
function gradient(g: GradientView): void {
  const { op } = g;
  const last = g.inputs.length - 1;
  const lastWanted = g.inputs.findLastIndex((_, i) => g.wants(i));
  let rest = g.dy(0);
  for (let i = 0; i <= lastWanted; i++) {
    if (i === last) g.give(i, rest);
    else {
      const share = op.Mul(rest, op.Cast(op.Equal(g.x(i), g.y(0)), rest.dtype));
      if (g.wants(i)) g.give(i, share);
      if (i < lastWanted) rest = op.Sub(rest, share);
    }
  }
}

function types(n: NodeView): readonly { readonly dims: readonly number[] }[] {
  return n.inputs.map((_, i) => {
    if (n.input(i).dtype !== n.input(0).dtype) n.fail(`all inputs of type ${n.input(0).dtype}`, n.input(i).dtype);
    return n.input(i);
  });
}

export const extremum = (name: string, f: (...values: number[]) => number): Op => ({
  name,
  infer: (n) => [{ dtype: n.input(0).dtype, dims: broadcast(...types(n).map((t) => t.dims)) }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, inputs) => [
    zipRefs(
      n.input(0).dtype,
      inputs.map((r) => r!),
      f,
    ),
  ],
});
