/** Stochastic gradient descent with momentum, plain or Nesterov's (Sutskever et al., 2013, in the form that PyTorch uses). */
import type { Optimizer } from './optimizer.js';

export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

export function sgd({ momentum = 0.9, nesterov = false }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    slots: momentum === 0 ? [] : ['momentum'],
    scalars: [],
    scalarsAt: () => [],
    update(op, { param, grad, state, rate }) {
      const [velocity] = state;
      if (!velocity) return { param: op.Sub(param, op.Mul(grad, rate)), state: [] };
      const next = op.Add(op.Mul(velocity, op.scalar(momentum)), grad);
      if (!nesterov) return { param: op.Sub(param, op.Mul(next, rate)), state: [next] };
      // grad + momentum·next, from the two velocities: the gradient is read by one node alone, into which that one can be fused.
      const [ahead, back] = [op.Mul(rate, op.scalar(1 + momentum)), op.Mul(rate, op.scalar(momentum))];
      return { param: op.Sub(param, op.Sub(op.Mul(next, ahead), op.Mul(velocity, back))), state: [next] };
    },
  };
}
