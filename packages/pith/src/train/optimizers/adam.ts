/** Adam (Kingma and Ba, 2015). The bias corrections depend on the step alone and come in as scalars. */
import type { Optimizer } from './optimizer.js';

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  return {
    name: 'adam',
    slots: ['mean', 'square'],
    scalars: ['meanCorrection', 'squareCorrection'],
    scalarsAt: (step) => [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)],
    update(op, { param, grad, state: [mean, square], rate, scalars: [meanCorrection, squareCorrection] }) {
      const m = op.Add(op.Mul(mean!, op.scalar(beta1)), op.Mul(grad, op.scalar(1 - beta1)));
      const v = op.Add(op.Mul(square!, op.scalar(beta2)), op.Mul(op.Mul(grad, grad), op.scalar(1 - beta2)));
      const root = op.Add(op.Sqrt(op.Mul(v, squareCorrection!)), op.scalar(epsilon));
      return { param: op.Sub(param, op.Mul(op.Div(m, root), op.Mul(rate, meanCorrection!))), state: [m, v] };
    },
  };
}
