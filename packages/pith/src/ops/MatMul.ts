/** Matrix product over the last two axes, leading axes broadcast, vectors as NumPy has them. */
import { broadcast, broadcastStrides } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { GradientView, NodeView, Op, Ref } from './op.js';

interface Product {
  readonly batch: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dims: readonly number[];
}

function product(view: NodeView, a: readonly number[], b: readonly number[]): Product {
  if (a.length === 0 || b.length === 0) view.fail('at least one axis on each side', `[${a}] and [${b}]`);
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  const [m, k] = left.slice(-2) as [number, number];
  const [k2, n] = right.slice(-2) as [number, number];
  if (k !== k2) view.fail('equal inner sizes', `[${a}] and [${b}]`);
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  return { batch, m, k, n, dims: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])] };
}

function reference(view: NodeView, a: Ref, b: Ref): Ref {
  const { batch, m, k, n, dims } = product(view, a.dims, b.dims);
  const sa = broadcastStrides(a.dims.length > 2 ? a.dims.slice(0, -2) : [], batch);
  const sb = broadcastStrides(b.dims.length > 2 ? b.dims.slice(0, -2) : [], batch);
  const data = new Float64Array(sizeOf(dims));
  const count = sizeOf(batch);
  for (let i = 0; i < count; i++) {
    let rest = i;
    let pa = 0;
    let pb = 0;
    for (let d = batch.length - 1; d >= 0; d--) {
      const at = rest % batch[d]!;
      rest = (rest - at) / batch[d]!;
      pa += at * sa[d]! * m * k;
      pb += at * sb[d]! * k * n;
    }
    for (let r = 0; r < m; r++)
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let j = 0; j < k; j++) sum += a.data[pa + r * k + j]! * b.data[pb + j * n + c]!;
        data[(i * m + r) * n + c] = sum;
      }
  }
  return { dtype: a.dtype, dims, data };
}

/** dA = dY·Bᵀ, dB = Aᵀ·dY, with vectors seen as matrices of one row or column. */
function gradient(g: GradientView): void {
  const { op } = g;
  const [a, b] = [g.x(0), g.x(1)];
  const { batch, m, k, n } = product(g, a.dims, b.dims);
  const dy = op.Reshape(g.dy(0), [...batch, m, n]);
  const a2 = a.dims.length === 1 ? op.Reshape(a, [1, k]) : a;
  const b2 = b.dims.length === 1 ? op.Reshape(b, [k, 1]) : b;
  const flip = (rank: number): number[] => [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const back = (i: number, value: ReturnType<typeof op.MatMul>, dims: readonly number[]): void =>
    g.give(i, dims.length === 1 ? op.Reshape(batch.length ? op.ReduceSum(value, [...batch.keys()], false) : value, dims) : value);
  if (g.wants(0)) back(0, op.MatMul(dy, op.Transpose(b2, flip(b2.dims.length))), a.dims);
  if (g.wants(1)) back(1, op.MatMul(op.Transpose(a2, flip(a2.dims.length)), dy), b.dims);
}

export const MatMul: Op = {
  name: 'MatMul',
  infer: (view) => [{ dtype: view.input(0).dtype, dims: product(view, view.input(0).dims, view.input(1).dims).dims }],
  gradient: { kind: 'rule', build: gradient },
  cost(view) {
    const { batch, m, k, n } = product(view, view.input(0).dims, view.input(1).dims);
    return { multiplyAdds: sizeOf(batch) * m * k * n };
  },
  reference: (view, [a, b]) => [reference(view, a!, b!)],
};
