/** The same elements in another shape: −1 is what remains, 0 keeps the input's size there unless `allowzero`. */
import { sizeOf } from '../base/tensor.js';
import { free, type NodeView, type Op } from './op.js';

function target(n: NodeView): number[] {
  const { dims } = n.input(0);
  const wanted = n.constantInts(1) ?? n.fail('a shape', 'none');
  const text = (): string => `[${wanted}] for [${dims}]`;
  const keepZero = n.opset >= 14 && n.int('allowzero', 0) === 1;
  const open = wanted.indexOf(-1);
  if (wanted.some((d) => d < -1) || wanted.lastIndexOf(-1) !== open) n.fail('sizes that are not negative, and at most one −1', text());
  const shape = wanted.map((d, i) => (d === 0 && !keepZero ? (dims[i] ?? n.fail('an axis of the input to keep', text())) : d));
  const rest = sizeOf(shape.filter((_, i) => i !== open));
  const size = sizeOf(dims);
  if (open >= 0) shape[open] = rest === 0 || size % rest ? n.fail('a size that divides the number of elements', text()) : size / rest;
  else if (rest !== size) n.fail(`a shape of ${size} elements`, text());
  return shape;
}

export const Reshape: Op = {
  name: 'Reshape',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: target(n) }],
  gradient: { kind: 'rule', build: (g) => g.give(0, g.op.Reshape(g.dy(0), g.x(0).dims)) },
  cost: () => free,
  reference: (n, [x]) => [{ ...x!, dims: target(n) }],
};
