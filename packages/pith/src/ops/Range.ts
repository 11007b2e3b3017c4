/** The numbers from start to limit, limit excluded, by steps of delta. All three must be constant, since they make the shape. */
import { free, type NodeView, type Op } from './op.js';

function numbers(n: NodeView): Float64Array {
  const [start, limit, delta] = [0, 1, 2].map((i) => n.constantInts(i)?.[0] ?? n.fail('start, limit and delta', 'fewer')) as [
    number,
    number,
    number,
  ];
  if (delta === 0) n.fail('a step other than 0', '0');
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(length <= 2 ** 31)) n.fail('at most 2^31 numbers', `${start} … ${limit} by ${delta}`);
  return Float64Array.from({ length }, (_, i) => start + i * delta);
}

export const Range: Op = {
  name: 'Range',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: [numbers(n).length] }],
  gradient: { kind: 'zero', why: 'its inputs are constant' },
  cost: () => free,
  reference: (n) => [{ dtype: n.input(0).dtype, dims: [numbers(n).length], data: numbers(n) }],
};
