/** Rule maker for pools over all spatial axes at once. */
import { sizeOf } from '../base/tensor.js';
import { free, type GradientView, type NodeView, type Op } from './op.js';

interface GlobalPool {
  readonly f: (plane: Float64Array) => number;
  readonly gradient: (g: GradientView) => void;
}

export function globalPool(name: string, { f, gradient }: GlobalPool): Op {
  const dimsOf = (n: NodeView): number[] => {
    const { dims } = n.input(0);
    if (dims.length < 3) n.fail('batch, channels and at least one spatial axis', `[${dims}]`);
    return dims.map((d, i) => (i < 2 ? d : 1));
  };
  return {
    name,
    infer: (n) => [{ dtype: n.input(0).dtype, dims: dimsOf(n) }],
    gradient: { kind: 'rule', build: gradient },
    cost: () => free,
    reference(n, [x]) {
      const dims = dimsOf(n);
      const plane = sizeOf(x!.dims.slice(2));
      const data = Float64Array.from({ length: sizeOf(dims) }, (_, i) => f(x!.data.subarray(i * plane, (i + 1) * plane)));
      return [{ dtype: x!.dtype, dims, data }];
    },
  };
}
