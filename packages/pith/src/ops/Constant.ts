/** A constant as a node, in any of the forms that hold numbers. Strings and sparse tensors are refused. */
import { PithError } from '../base/errors.js';
import type { Tensor } from '../base/tensor.js';
import { free, type NodeView, type Op } from './op.js';
import { toRef } from './ref.js';

function tensorOf(n: NodeView): Tensor {
  for (const [name, a] of n.node.attributes) {
    if (name === 'value' && a.kind === 'tensor') return a.value;
    if (name === 'value_float' && a.kind === 'float') return { dtype: 'float32', dims: [], data: Float32Array.of(a.value) };
    if (name === 'value_int' && a.kind === 'int') return { dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(a.value)) };
    if (name === 'value_floats' && a.kind === 'floats')
      return { dtype: 'float32', dims: [a.value.length], data: Float32Array.from(a.value) };
    if (name === 'value_ints' && a.kind === 'ints')
      return { dtype: 'int64', dims: [a.value.length], data: BigInt64Array.from(a.value, BigInt) };
  }
  throw new PithError('unsupported.attribute', {
    at: { node: n.node.name, op: 'Constant' },
    expected: 'value, value_float, value_floats, value_int or value_ints',
    got: [...n.node.attributes.keys()].join(', ') || 'no attribute',
  });
}

export const Constant: Op = {
  name: 'Constant',
  infer: (n) => [{ dtype: tensorOf(n).dtype, dims: tensorOf(n).dims }],
  gradient: { kind: 'zero', why: 'a constant does not change' },
  cost: () => free,
  reference: (n) => [toRef(tensorOf(n))],
};
