/** The numbers from start to limit, limit excluded, by steps of delta. All three must be constant, since they make the shape. */
import { free, type NodeView, type Op } from './op.js';

function facts(n: NodeView): { start: number; delta: number; length: number } {
  const [start, limit, delta] = [0, 1, 2].map((i) => n.constantInts(i)?.[0] ?? n.fail('start, limit and delta', 'fewer'));
  if (!delta) n.fail('a step other than 0', '0');
  const length = Math.max(0, Math.ceil((limit! - start!) / delta!));
  return Number.isSafeInteger(length)
    ? { start: start!, delta: delta!, length }
    : n.fail('numbers that end', `${start} … ${limit} by ${delta}`);
}

export const Range: Op = {
  name: 'Range',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: [facts(n).length] }],
  gradient: { kind: 'zero', why: 'its inputs are constant' },
  cost: () => free,
  reference(n) {
    const { start, delta, length } = facts(n);
    return [{ dtype: n.input(0).dtype, dims: [length], data: Float64Array.from({ length }, (_, i) => start + i * delta) }];
  },
};
