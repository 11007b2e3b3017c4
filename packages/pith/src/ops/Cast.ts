/**
 * The same numbers in another type. Between integers high bits are lost; a real number is cut towards zero and held within the range
 * (ONNX leaves that open; NaN becomes 0). The reference does not round to shorter real types: it computes in doubles throughout.
 */
import { type DType, dtypeOfOnnx, dtypes } from '../base/tensor.js';
import { free, type NodeView, type Op } from './op.js';
import { isFloat } from './pointwise.js';

function target(n: NodeView): DType {
  const code = n.int('to') ?? n.fail('attribute to', 'none');
  return dtypeOfOnnx(code) ?? n.fail('attribute to with an element type that pith knows', `${code}`);
}

function converted(x: number, from: DType, to: DType): number {
  if (to === 'bool') return Number(x !== 0);
  if (isFloat(to)) return x;
  const { bits } = dtypes[to];
  const signed = !to.startsWith('uint');
  if (!isFloat(from)) return bits === 64 ? x : Number(signed ? BigInt.asIntN(bits, BigInt(x)) : BigInt.asUintN(bits, BigInt(x)));
  if (Number.isNaN(x)) return 0;
  const span = 2 ** (signed ? bits - 1 : bits);
  const high = bits === 64 ? span - span / 2 ** 53 : span - 1;
  return Math.min(Math.max(Math.trunc(x), signed ? -span : 0), high);
}

export const Cast: Op = {
  name: 'Cast',
  infer: (n) => [{ dtype: target(n), dims: n.input(0).dims }],
  gradient: {
    kind: 'rule',
    // Integers and truth values have no gradient: the path ends there.
    build(g) {
      if (isFloat(g.x(0).dtype) && isFloat(g.y(0).dtype)) g.give(0, g.op.Cast(g.dy(0), g.x(0).dtype));
    },
  },
  cost: () => free,
  reference(n, [x]) {
    const dtype = target(n);
    return [{ dtype, dims: x!.dims, data: x!.data.map((v) => converted(v, x!.dtype, dtype)) }];
  },
};
