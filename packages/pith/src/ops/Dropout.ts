/**
 * Inference form: y = x, and a mask that keeps everything. The form that drops (training_mode true, ratio above 0) has neither reference nor
 * gradient, because the random numbers of a runtime cannot be made again; pith draws masks itself and multiplies. Opset 12 on.
 */
import { PithError } from '../base/errors.js';
import { free, type NodeView, type Op } from './op.js';

function refuseDropping(n: NodeView, training: number | undefined, ratio: number | undefined): void {
  const off = !n.has(2) || training === 0 || (n.has(1) && ratio === 0);
  if (!off)
    throw new PithError('unsupported.random', {
      at: { node: n.node.name, op: 'Dropout' },
      expected: 'training_mode constant and false, or ratio constant and 0',
      got: training === undefined ? 'a value that depends on the data' : 'training_mode true',
      fix: 'export the model for inference; dropped elements cannot be made again from the seed',
    });
}

const first = (n: NodeView, i: number): number | undefined => {
  const value = n.inputs[i]?.constant?.data[0];
  return value === undefined ? undefined : Number(value);
};

export const Dropout: Op = {
  name: 'Dropout',
  infer: (n) => [
    { dtype: n.input(0).dtype, dims: n.input(0).dims },
    { dtype: 'bool', dims: n.input(0).dims },
  ],
  gradient: {
    kind: 'rule',
    build(g) {
      refuseDropping(g, first(g, 2), first(g, 1));
      g.give(0, g.dy(0));
    },
  },
  cost: () => free,
  reference(n, [x, ratio, training]) {
    refuseDropping(n, training?.data[0], ratio?.data[0]);
    return [x!, { dtype: 'bool', dims: x!.dims, data: x!.data.map(() => 1) }];
  },
};
