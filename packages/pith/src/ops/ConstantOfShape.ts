/** A tensor of a given shape filled with one value, 0 of float32 where none is given. */
import { type DType, sizeOf } from '../base/tensor.js';
import { free, type NodeView, type Op, type Ref } from './op.js';
import { toRef } from './ref.js';

const dimsOf = (n: NodeView): number[] => n.constantInts(0) ?? n.fail('a shape', 'none');

const dtypeOf = (n: NodeView): DType => n.tensor('value')?.dtype ?? 'float32';

function filled(n: NodeView): Ref {
  const dims = dimsOf(n);
  const value = n.tensor('value');
  return { dtype: dtypeOf(n), dims, data: new Float64Array(sizeOf(dims)).fill(value ? toRef(value).data[0]! : 0) };
}

export const ConstantOfShape: Op = {
  name: 'ConstantOfShape',
  infer(n) {
    const dims = dimsOf(n);
    sizeOf(dims);
    return [{ dtype: dtypeOf(n), dims }];
  },
  gradient: { kind: 'zero', why: 'it does not depend on values' },
  cost: () => free,
  reference: (n) => [filled(n)],
};
