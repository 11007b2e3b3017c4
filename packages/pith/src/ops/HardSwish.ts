/** y = x·h(x), h(x) = x/6 + 1/2 cut to 0 … 1. Howard et al., Searching for MobileNetV3, 2019. Slopes at −3 and 3: 0 and 1. Since opset 14. */
import { unary } from './pointwise.js';
import { step } from './step.js';

/** h + x/6 between the kinks, where h − h² is above 0; else h. */
export const HardSwish = unary(
  'HardSwish',
  (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  (op, x) => {
    const h = op.HardSigmoid(x, 1 / 6, 0.5);
    const inside = step(op, op.Sub(h, op.Mul(h, h)));
    return op.Add(h, op.Mul(inside, op.Mul(x, op.scalar(1 / 6, x.dtype))));
  },
);
