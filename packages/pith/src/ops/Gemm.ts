/** y = alpha·op(a)·op(b) + beta·c for matrices, where op transposes on demand and c broadcasts to the product. */
import { broadcast, broadcastStrides, sameDims } from '../base/shape.js';
import type { GradientView, NodeView, Op } from './op.js';

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
}

function product(view: NodeView): Product {
  const [a, b] = [view.input(0).dims, view.input(1).dims];
  if (a.length !== 2 || b.length !== 2) view.fail('two matrices', `[${a}] and [${b}]`);
  const transA = view.int('transA', 0) !== 0;
  const transB = view.int('transB', 0) !== 0;
  const [m, k] = (transA ? [a[1], a[0]] : a) as [number, number];
  const [k2, n] = (transB ? [b[1], b[0]] : b) as [number, number];
  if (k !== k2) view.fail('equal inner sizes', `[${a}] and [${b}], transA ${Number(transA)}, transB ${Number(transB)}`);
  const c = view.inputs[2]?.dims ?? [];
  if (c.length > 2 || !sameDims(broadcast(c, [m, n]), [m, n])) view.fail(`a bias that broadcasts to [${[m, n]}]`, `[${c}]`);
  return { m, k, n, transA, transB, alpha: view.float('alpha', 1), beta: view.float('beta', 1) };
}

/** With Y = A·B: dA = dY·Bᵀ, dB = Aᵀ·dY; a transposed operand gets the transposed gradient, which is the product in the other order. */
function gradient(g: GradientView): void {
  const { op } = g;
  const { transA, transB, alpha, beta } = product(g);
  const dy = g.dy(0);
  const scale = alpha === 1 ? {} : { alpha: { float: alpha } };
  const [a, b] = [g.x(0), g.x(1)];
  const trans = (left: boolean, right: boolean) => ({ ...scale, ...(left && { transA: 1 }), ...(right && { transB: 1 }) });
  if (g.wants(0)) g.give(0, transA ? op.Gemm(b, dy, undefined, trans(transB, true)) : op.Gemm(dy, b, undefined, trans(false, !transB)));
  if (g.wants(1)) g.give(1, transB ? op.Gemm(dy, a, undefined, trans(true, transA)) : op.Gemm(a, dy, undefined, trans(!transA, false)));
  if (g.wants(2)) g.give(2, beta === 1 ? dy : op.Mul(dy, op.scalar(beta, dy.dtype)));
}

export const Gemm: Op = {
  name: 'Gemm',
  infer(view) {
    const { m, n } = product(view);
    return [{ dtype: view.input(0).dtype, dims: [m, n] }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost(view) {
    const { m, k, n } = product(view);
    return { multiplyAdds: m * k * n };
  },
  reference(view, [a, b, c]) {
    const { m, k, n, transA, transB, alpha, beta } = product(view);
    const data = new Float64Array(m * n);
    const [row, column] = c ? (broadcastStrides(c.dims, [m, n]) as [number, number]) : [0, 0];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a!.data[transA ? l * m + i : i * k + l]! * b!.data[transB ? j * k + l : l * n + j]!;
        data[i * n + j] = alpha * sum + (c ? beta * c.data[i * row + j * column]! : 0);
      }
    return [{ dtype: a!.dtype, dims: [m, n], data }];
  },
};
