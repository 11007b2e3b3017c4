/**
 * The partial inverse of MaxPool: each element of x goes to its index in the flattened output, all else is 0. Where an index repeats the
 * last element wins; the gradient is right for indices that do not repeat, as windows that do not overlap give them.
 */
import { sizeOf } from '../base/tensor.js';
import { free, type NodeView, type Op } from './op.js';
import { kernelOf, perAxis } from './window.js';

function outputDims(n: NodeView): number[] {
  const { dims } = n.input(0);
  const rank = dims.length - 2;
  if (rank < 1) n.fail('batch, channels and at least one spatial axis', `[${dims}]`);
  const kernel = kernelOf(n, rank);
  const strides = perAxis(n, 'strides', rank, 1);
  const pads = perAxis(n, 'pads', 2 * rank, 0);
  const spatial = kernel.map((k, i) => (dims[i + 2]! - 1) * strides[i]! + k - pads[i]! - pads[rank + i]!);
  const derived = [...dims.slice(0, 2), ...spatial];
  const given = n.constantInts(2) ?? derived;
  if (given.length !== dims.length || given.some((d, i) => d < derived[i]! || d < 0))
    n.fail(`an output shape of at least [${derived}]`, `[${given}]`);
  return given;
}

export const MaxUnpool: Op = {
  name: 'MaxUnpool',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: outputDims(n) }],
  gradient: {
    kind: 'rule',
    build: (g) => g.give(0, g.op.Gather(g.op.Reshape(g.dy(0), [sizeOf(g.dy(0).dims)]), g.x(1))),
  },
  cost: () => free,
  reference(n, [x, indices]) {
    const dims = outputDims(n);
    const data = new Float64Array(sizeOf(dims));
    x!.data.forEach((v, i) => {
      const at = indices!.data[i]!;
      if (!(at >= 0 && at < data.length)) n.fail(`an index below ${data.length}`, `${at}`);
      data[at] = v;
    });
    return [{ dtype: x!.dtype, dims, data }];
  },
};
